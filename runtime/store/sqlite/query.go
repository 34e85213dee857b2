package sqlite

import (
	"context"
	"database/sql"
	"math"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// The parts of the queries for instances: each reads along one index and leaves out
// what else is not asked for.
const (
	summaries = "SELECT i.created, i.k, i.id, i.def, d.name, d.version, i.ref, i.status, i.reason, i.ended FROM instance i "

	byCreated = summaries + "INDEXED BY instance_created CROSS JOIN definition d ON d.hash = i.def WHERE "
	byStatus  = summaries + "INDEXED BY instance_status CROSS JOIN definition d ON d.hash = i.def WHERE i.status <> 'complete' AND "
	byRef     = summaries + "INDEXED BY instance_ref CROSS JOIN definition d ON d.hash = i.def WHERE i.ref <> '' AND "
	byEnd     = summaries + "INDEXED BY instance_ended CROSS JOIN definition d ON d.hash = i.def WHERE i.ended <> 0 AND i.ended >= ?8 AND i.ended < ?9 AND "
	byDef     = summaries + "INDEXED BY instance_def CROSS JOIN definition d ON d.hash = i.def " +
		"WHERE i.def IN (SELECT hash FROM definition WHERE name = ?2 AND (?3 = 0 OR version = ?3)) AND "

	statusIs = "i.status = ?1 AND "
	anyIs    = "(?1 = '' OR i.status = ?1) AND "
	refIs    = "i.ref = ?4 AND "
	refMay   = "(?4 = '' OR i.ref = ?4) AND "

	rest = "(?2 = '' OR d.name = ?2) AND (?3 = 0 OR d.version = ?3) AND i.created >= ?5 AND i.created < ?6 " +
		"AND (?7 = 0 OR i.ended <> 0 AND i.ended >= ?8 AND i.ended < ?9) AND "
	up   = rest + "(i.created, i.k) > (?10, ?11) ORDER BY i.created, i.k LIMIT ?12"
	down = rest + "(i.created, i.k) < (?10, ?11) ORDER BY i.created DESC, i.k DESC LIMIT ?12"
)

// listings are the queries by the index that they read along, upwards and downwards.
var listings = map[string][2]string{
	"created": {byCreated + anyIs + refMay + up, byCreated + anyIs + refMay + down},
	"status":  {byStatus + statusIs + refMay + up, byStatus + statusIs + refMay + down},
	"ref":     {byRef + anyIs + refIs + up, byRef + anyIs + refIs + down},
	"end":     {byEnd + anyIs + refMay + up, byEnd + anyIs + refMay + down},
	"def":     {byDef + anyIs + refMay + up, byDef + anyIs + refMay + down},
}

// along picks the index that leaves least to be skipped.
func along(q store.Query) string {
	switch {
	case q.Reference != "":
		return "ref"
	case q.Status != "" && q.Status != instance.Complete:
		return "status"
	case q.EndedFrom != 0 || q.EndedTo != 0:
		return "end"
	case q.Workflow != "":
		return "def"
	}
	return "created"
}

// Query lists instances.
func (s *Store) Query(ctx context.Context, q store.Query) ([]store.Summary, error) {
	direction := 0
	after := store.Place{Created: math.MinInt64, K: math.MinInt64}
	if q.Descending {
		direction, after = 1, store.Place{Created: math.MaxInt64, K: math.MaxInt64}
	}
	if q.After != nil {
		after = *q.After
	}
	from := q.CreatedFrom
	if from == 0 {
		from = math.MinInt64
	}
	ended := q.EndedFrom != 0 || q.EndedTo != 0
	return page(ctx, s, "instances", q.Limit, func(rows *sql.Rows, v *store.Summary) error {
		return rows.Scan(&v.Created, &v.K, &v.ID, &v.Definition, &v.Workflow, &v.Version, &v.Reference, &v.Status, &v.Reason, &v.Ended)
	}, listings[along(q)][direction], string(q.Status), q.Workflow, q.Version, q.Reference,
		int64(from), int64(bound(q.CreatedTo)), ended, int64(q.EndedFrom), int64(bound(q.EndedTo)), int64(after.Created), after.K)
}

// bound is an upper bound, or the last instant where there is none.
func bound(to instance.Instant) instance.Instant {
	if to == 0 {
		return math.MaxInt64
	}
	return to
}
