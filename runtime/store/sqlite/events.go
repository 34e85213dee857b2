package sqlite

import (
	"database/sql/driver"

	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// published writes what an item says of events: a new one, one whose time has
// come, those whose time to live is over.
func (w *writer) published(it *store.Item, o *store.Outcome) error {
	if it.Event != nil {
		e, err := w.events.event(it.Event)
		if err != nil {
			return err
		}
		o.Seq = e.Seq
		if it.Instance == nil {
			o.Code = e.Code
		}
		if e.Code == store.Written {
			w.visible(e.Seq)
		}
	}
	if it.Release != 0 {
		id, n, err := w.execID(w.reveal, it.Release)
		if err != nil {
			return err
		}
		if n == 1 {
			o.Seq = instance.Seq(id)
			w.visible(o.Seq)
		}
		if _, err := w.exec(w.revealed, it.Release); err != nil {
			return err
		}
	}
	if x := it.Expire; x != nil {
		n, err := w.exec(w.expire, int64(x.Now), int64(x.Limit))
		if err != nil {
			return err
		}
		o.N = int(n)
	}
	return nil
}

// visible notes the number of an event that was just written; 0 is of one that is to be
// seen later.
func (w *writer) visible(seq instance.Seq) {
	if seq != 0 {
		w.seq, w.hasSeq = seq, true
	}
}

// offer looks for an event and a signal that a new wait may take, and begins a new
// round of the delivery of those that there are.
func (w *writer) offer(k int64, op *store.WaitOp) (bool, error) {
	newest, err := w.newestSeq()
	if err != nil || newest <= min(op.After, op.Signals) {
		return false, err
	}
	event, err := w.reopened(w.match, op.Name, op.Key, int64(op.After), k, int64(op.Since))
	if err != nil {
		return false, err
	}
	signal, err := w.reopened(w.matchSignal, op.Name, k, int64(op.Signals))
	return event || signal, err
}

// reopened makes the event that st finds undelivered.
func (w *writer) reopened(st stmt, values ...driver.Value) (bool, error) {
	found, err := w.row(st, 1, values...)
	if !found || err != nil {
		return false, err
	}
	_, err = w.exec(w.reopen, w.number(0))
	return err == nil, err
}

// newestSeq returns the number of the newest event. Nobody else publishes while
// the transaction is open.
func (w *writer) newestSeq() (instance.Seq, error) {
	if w.hasSeq {
		return w.seq, nil
	}
	found, err := w.row(w.newest, 1)
	if err != nil {
		return 0, err
	}
	w.seq, w.hasSeq = 0, true
	if found {
		w.seq = instance.Seq(w.number(0))
	}
	return w.seq, nil
}
