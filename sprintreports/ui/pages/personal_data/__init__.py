"""What is stored about people in Jira: found, downloaded, erased."""
