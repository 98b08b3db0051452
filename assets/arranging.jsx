import { Component, createElement } from "react";

const WAYS = { ArrowUp: "up", ArrowDown: "down" };

// A list whose entries are moved by their buttons, or by Alt with an arrow key from anywhere within them.
function press(event) {
  const way = event.altKey && !event.ctrlKey && !event.metaKey && WAYS[event.key];
  const button = way && event.target.closest("[data-piece]")?.querySelector(`[data-move=${way}]`);
  if (!button) return;
  event.preventDefault();
  button.click();
}

// The browser forgets the focus of what is moved within the page: it stays where it was, or goes to what was added.
export class Arranging extends Component {
  getSnapshotBeforeUpdate() {
    return document.activeElement?.id || "";
  }

  componentDidUpdate(before, state, held) {
    const { order, fresh } = this.props;
    const added = fresh && fresh !== before.fresh;
    if (!added && order === before.order) return;
    const found = document.getElementById(added ? `${fresh}-title` : held);
    if (found && found !== document.activeElement) found.focus();
  }

  render() {
    return createElement("div", { className: "stack", onKeyDown: press }, this.props.children);
  }
}
