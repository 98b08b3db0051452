"""The statements that make the synthetic history. Everything follows from an issue's number, so it is the same each time."""

PROGRESS = "CREATE TABLE IF NOT EXISTS bench_progress (upto bigint NOT NULL)"

FRAME = (
    "CREATE TABLE bench_body (number int PRIMARY KEY, body bytea NOT NULL)",
    """CREATE TABLE bench_sprint (board bigint, sprint bigint PRIMARY KEY, following bigint, first bigint, size int,
       opens timestamptz, closes timestamptz)""",
    "CREATE INDEX ON bench_sprint (first)",
    """INSERT INTO site (id, name, base_url, dialect, auth, account, status, status_message, last_synced_at)
       OVERRIDING SYSTEM VALUE VALUES (1, 'Large', 'https://jira.invalid', 'cloud', 'basic', '', 'connected', '', %(today)s)""",
    """INSERT INTO status (site_id, status_id, name, category)
       VALUES (1, '1', 'To do', 'new'), (1, '2', 'In progress', 'indeterminate'), (1, '3', 'Done', 'done')""",
    "INSERT INTO discipline (site_id, name) SELECT 1, 'Team ' || n FROM generate_series(1, 120) n",
    """INSERT INTO jira_person (site_id, account_key, name, active)
       SELECT 1, 'p' || n, 'Person ' || n, true FROM generate_series(1, 600) n""",
    """INSERT INTO board (site_id, jira_board_id, name, type, columns, estimation_kind, estimation_field, selected)
       SELECT 1, b, 'Board ' || b, 'scrum', '[{"name": "To do", "statuses": ["1"]}, {"name": "Doing", "statuses": ["2"]},
              {"name": "Done", "statuses": ["3"]}]'::jsonb, 'field', 'customfield_10016', true
       FROM generate_series(1, %(boards)s::bigint + 1) b""",
    # Board 1 is the giant one. Of each board the last sprint is active since a week.
    """INSERT INTO bench_sprint
       SELECT board, sprint, CASE WHEN n < of_board THEN sprint + 1 END, first, size,
              %(today)s::timestamptz - (of_board - n) * interval '14 days' - interval '7 days',
              %(today)s::timestamptz - (of_board - n) * interval '14 days' + interval '7 days'
       FROM (SELECT 1 AS board, n AS sprint, n, %(giant_sprints)s::bigint AS of_board, (n - 1) * %(giant)s::bigint AS first,
                    %(giant)s::bigint AS size FROM generate_series(1, %(giant_sprints)s::bigint) n
             UNION ALL
             SELECT b + 1, %(giant_sprints)s::bigint + (b - 1) * %(sprints)s::bigint + n, n, %(sprints)s::bigint,
                    %(giant_sprints)s::bigint * %(giant)s::bigint + ((b - 1) * %(sprints)s::bigint + n - 1) * %(small)s::bigint, %(small)s::bigint
             FROM generate_series(1, %(boards)s::bigint) b, generate_series(1, %(sprints)s::bigint) n) AS planned""",
    """INSERT INTO sprint (site_id, jira_sprint_id, name, state, start_date, end_date, activated_at, complete_date,
                           origin_board_id)
       SELECT 1, sprint, 'Sprint ' || sprint, CASE WHEN following IS NULL THEN 'active' ELSE 'closed' END, opens, closes,
              opens, CASE WHEN following IS NOT NULL THEN closes END, board FROM bench_sprint""",
    "INSERT INTO board_sprint (site_id, jira_board_id, jira_sprint_id) SELECT 1, board, sprint FROM bench_sprint",
    "INSERT INTO sprint_touched SELECT 1, board, sprint, %(today)s FROM bench_sprint",
)

# The issues of a slice: `entered` the sprint, `began` to be worked on, was `finished`. One in five is not finished and is
# carried over, one in seven is added late, one in nine re-estimated, one in 23 taken out again.
_ISSUES = """WITH planned AS (
    SELECT s.*, n AS i, CASE WHEN s.board = 1 THEN n %% 120 ELSE (s.board * 3 + n %% 3) %% 120 END + 1 AS team,
           1000 * (n %% 8) AS points, n %% 9 = 0 AS restated, n %% 23 = 0 AS removed, n %% 5 = 0 AND n %% 23 <> 0 AS carried,
           s.opens + CASE WHEN n %% 7 = 0 THEN (1 + n %% 9) * interval '1 day' + n %% 1440 * interval '1 minute'
                          ELSE -interval '1 day' END AS entered
    FROM bench_sprint s, generate_series(greatest(s.first, %(low)s), least(s.first + s.size, %(high)s) - 1) n
    WHERE s.first + s.size > %(low)s AND s.first < %(high)s
), issues AS (
    SELECT *, began + (1 + i %% 4) * interval '20 hours' AS finished, points + CASE WHEN restated THEN 1000 ELSE 0 END AS final
    FROM (SELECT *, greatest(entered, opens) + (i %% 7) * interval '11 hours' + interval '1 hour' + i %% 599 * interval '1 minute' AS began
          FROM planned) AS p
)
"""
SLICE = (
    _ISSUES
    + """INSERT INTO issue (site_id, jira_issue_id, key, project_key, summary, type, is_subtask, subtask_count, status_id,
         priority, assignee_id, reporter_id, discipline_id, points, jira_created, jira_updated)
    SELECT 1, i, 'P' || board || '-' || i, 'P' || board, 'Make the ' || team || 'th thing work for customer ' || i,
           (ARRAY['Story', 'Bug', 'Task', 'Spike'])[i %% 4 + 1], false, 0, CASE WHEN carried THEN '2' ELSE '3' END,
           (ARRAY['High', 'Medium', 'Low'])[i %% 3 + 1], i %% 600 + 1, i %% 50 + 1, team, final,
           opens - interval '9 days', closes FROM issues""",
    _ISSUES + "INSERT INTO issue_timeline SELECT 1, i, body FROM issues JOIN bench_body ON number = i %% 240",
    _ISSUES
    + """INSERT INTO issue_status_interval
    SELECT 1, i, opens - interval '9 days', began, '1' FROM issues
    UNION ALL SELECT 1, i, began, CASE WHEN NOT carried THEN finished END, '2' FROM issues
    UNION ALL SELECT 1, i, finished, NULL, '3' FROM issues WHERE NOT carried""",
    _ISSUES
    + """INSERT INTO board_issue (site_id, jira_board_id, jira_issue_id, seen_from)
    SELECT 1, board, i, opens - interval '9 days' FROM issues""",
    _ISSUES
    + """INSERT INTO issue_sprint (site_id, jira_sprint_id, jira_issue_id) SELECT 1, sprint, i FROM issues
    UNION ALL SELECT 1, following, i FROM issues WHERE carried AND following IS NOT NULL""",
    _ISSUES
    + """INSERT INTO sprint_segment
    SELECT 1, board, sprint, i, entered, began, team, points, NULL::bigint, 1, '1', NULL::timestamptz, false FROM issues
    UNION ALL
    SELECT 1, board, sprint, i, began, CASE WHEN removed THEN began + interval '1 day' WHEN NOT carried THEN finished
           WHEN following IS NOT NULL THEN closes END, team, final, NULL, 2, '2', NULL, false FROM issues
    UNION ALL
    SELECT 1, board, sprint, i, finished, NULL, team, final, NULL, 3, '3', finished, false FROM issues
    WHERE NOT carried AND NOT removed
    UNION ALL
    SELECT 1, board, following, i, closes, closes + interval '3 days', team, final, NULL, 2, '2', NULL, false FROM issues
    WHERE carried AND following IS NOT NULL
    UNION ALL
    SELECT 1, board, following, i, closes + interval '3 days', NULL, team, final, NULL, 3, '3', closes + interval '3 days',
           false FROM issues WHERE carried AND following IS NOT NULL""",
    _ISSUES
    + """INSERT INTO change_item (site_id, jira_issue_id, change_id, position, at, author_id, field, field_id, from_value,
         from_text, to_value, to_text)
    SELECT 1, i, i * 100 + k, 0,
           CASE k WHEN 1 THEN opens - interval '8 days' WHEN 2 THEN entered WHEN 3 THEN began WHEN 4 THEN finished
                  WHEN 5 THEN began WHEN 6 THEN closes ELSE opens + (k - 12) * interval '17 hours' END,
           i %% 600 + 1,
           CASE WHEN k IN (1, 5) THEN 'Story Points' WHEN k IN (2, 6) THEN 'Sprint' WHEN k IN (3, 4) THEN 'status'
                ELSE (ARRAY['assignee', 'labels', 'Rank', 'Link', 'Fix Version', 'Component', 'description', 'summary',
                            'priority', 'Epic Link', 'Attachment', 'Comment'])[k %% 12 + 1] END,
           CASE WHEN k IN (1, 5) THEN 'customfield_10016' WHEN k IN (2, 6) THEN 'customfield_10020' END,
           CASE k WHEN 3 THEN '1' WHEN 4 THEN '2' WHEN 6 THEN sprint::text END,
           CASE k WHEN 3 THEN 'To do' WHEN 4 THEN 'In progress' WHEN 6 THEN 'Sprint ' || sprint ELSE 'before ' || k END,
           CASE k WHEN 1 THEN (points / 1000)::text WHEN 2 THEN sprint::text WHEN 3 THEN '2' WHEN 4 THEN '3'
                  WHEN 5 THEN (final / 1000)::text WHEN 6 THEN following::text END,
           CASE k WHEN 2 THEN 'Sprint ' || sprint WHEN 3 THEN 'In progress' WHEN 4 THEN 'Done' ELSE 'after ' || i END
    FROM issues, generate_series(1, 31) k
    WHERE (k <> 4 OR NOT carried) AND (k <> 6 OR (carried AND following IS NOT NULL)) AND (k <> 5 OR restated)""",
)

# One burndown from nothing but the archive, as one would write it without stored facts: the state of each member after
# each of its changes, the differences, a sum a day.
FROM_CHANGELOG = """
WITH analytic AS (
    SELECT c.jira_issue_id, c.at, c.change_id, c.field, c.to_value,
           count(*) FILTER (WHERE c.field = 'status') OVER w AS s, count(*) FILTER (WHERE c.field = 'Story Points') OVER w AS p,
           count(*) FILTER (WHERE c.field = 'Sprint') OVER w AS m
    FROM issue_sprint l JOIN change_item c ON c.site_id = l.site_id AND c.jira_issue_id = l.jira_issue_id
    WHERE l.site_id = 1 AND l.jira_sprint_id = %(sprint)s AND c.field IN ('status', 'Story Points', 'Sprint')
    WINDOW w AS (PARTITION BY c.jira_issue_id ORDER BY c.at, c.change_id)
), states AS (
    SELECT jira_issue_id, at, change_id,
           max(to_value) FILTER (WHERE field = 'status') OVER (PARTITION BY jira_issue_id, s) AS status,
           max(to_value) FILTER (WHERE field = 'Story Points') OVER (PARTITION BY jira_issue_id, p)::numeric AS points,
           max(to_value) FILTER (WHERE field = 'Sprint') OVER (PARTITION BY jira_issue_id, m) AS sprint
    FROM analytic
), remaining AS (
    SELECT jira_issue_id, at, change_id,
           CASE WHEN sprint = %(name)s AND status IS DISTINCT FROM '3' THEN coalesce(points, 0) ELSE 0 END AS amount
    FROM states
), steps AS (
    SELECT at, amount - coalesce(lag(amount) OVER (PARTITION BY jira_issue_id ORDER BY at, change_id), 0) AS delta
    FROM remaining
)
SELECT at::date AS day, sum(sum(delta)) OVER (ORDER BY at::date) FROM steps GROUP BY 1 ORDER BY 1
"""
SIZES = """
SELECT t.name, pg_size_pretty(sum(pg_total_relation_size(c.oid))), sum(greatest(c.reltuples, 0))::bigint,
       sum(pg_total_relation_size(c.oid))
FROM unnest(%(tables)s::text[]) AS t (name), pg_class c
WHERE c.relkind = 'r' AND (c.oid = t.name::regclass
      OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = t.name::regclass))
GROUP BY t.name ORDER BY 4 DESC
"""
