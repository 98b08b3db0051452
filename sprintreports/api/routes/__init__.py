"""One file a resource. Each route names its permission, or says that it is open to all."""
