package sqlite

import (
	"database/sql/driver"

	"github.com/wfegen/wfe/runtime/store"
)

// purgeEnded deletes instances that have ended, one after the other. They have no
// timers and no waits. It is not met when it names one that it does not delete.
func (w *writer) purgeEnded(p *store.Purge, o *store.Outcome) (met bool, err error) {
	for o.N < p.Limit {
		found, err := w.nextVictim(p)
		if err != nil {
			return false, err
		}
		if !found {
			break
		}
		k, id := w.dest[0], w.dest[1]
		for i, of := range []driver.Value{k, k, id, id} {
			if _, err := w.exec(w.purge[i], of); err != nil {
				return false, err
			}
		}
		o.N++
	}
	if p.ID != "" && o.N == 0 {
		o.Code = store.NoTarget
		return false, nil
	}
	return true, nil
}

// nextVictim reads the row number and the id of the next instance to delete.
func (w *writer) nextVictim(p *store.Purge) (bool, error) {
	if p.ID != "" {
		return w.row(w.victimOf, 2, int64(p.Before), string(p.Status), p.ID)
	}
	return w.row(w.victim, 2, int64(p.Before), string(p.Status))
}
