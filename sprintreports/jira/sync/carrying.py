"""What a run's second process does with its orders: the same pages as the first, each a transaction."""

from sprintreports.jira import context, facts
from sprintreports.jira.replay import replay
from sprintreports.jira.sync.beside import ComputeFacts, Order
from sprintreports.jira.sync.work import UnitOfWork
from sprintreports.jira.uncollected import uncollected


async def carry_out(unit: UnitOfWork, order: Order) -> int:
    """Carry out an order; its answer."""
    with uncollected():
        async with unit() as session:
            if isinstance(order, ComputeFacts):
                return await facts.rebuild_touched(session, order.site_id, now=order.now, limit=order.limit)
            site = await context.load(session, order.site_id)
            await replay(session, site, after=order.after, upto=order.upto, now=order.now)
            return 0
