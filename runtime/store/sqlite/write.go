package sqlite

import (
	"github.com/wfegen/wfe/runtime/instance"
	"github.com/wfegen/wfe/runtime/store"
)

// items writes the items of b in order, in the transaction that is open.
func (w *writer) items(b store.Batch, out []store.Outcome) error {
	w.hasSeq = false
	for i := range b.Items {
		if err := w.item(&b.Items[i], &out[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) item(it *store.Item, o *store.Outcome) error {
	if it.Instance != nil {
		if err := w.instance(it.Instance, o); err != nil || o.Code != store.Written {
			return err
		}
	}
	if d := it.Definition; d != nil {
		if _, err := w.exec(w.define, d.Hash, d.Name, int64(d.Version), blob(d.Body)); err != nil {
			return err
		}
	}
	if it.Event != nil {
		fresh, err := w.event(it.Event, o)
		if err != nil {
			return err
		}
		if !fresh && it.Instance == nil {
			o.Code = store.Exists
		}
	}
	if d := it.Delivered; d != nil {
		if _, err := w.exec(w.delivered, int64(d.Seq), d.Round); err != nil {
			return err
		}
	}
	if it.Done != 0 {
		if _, err := w.exec(w.done, it.Done); err != nil {
			return err
		}
	}
	if r := it.Reply; r != nil {
		if _, err := w.exec(w.reply, r.Request, int64(r.At), r.Code, r.Text); err != nil {
			return err
		}
	}
	for i := range it.Send {
		m := &it.Send[i]
		if _, err := w.exec(w.post, m.Request, m.Class, blob(m.Body)); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) instance(r *store.Row, o *store.Outcome) error {
	var err error
	if r.Rev == 1 {
		err = w.start(r, o)
	} else {
		err = w.advance(r, o)
	}
	if err != nil || o.Code != store.Written {
		return err
	}
	return w.parts(r, o)
}

// start inserts an instance.
func (w *writer) start(r *store.Row, o *store.Outcome) error {
	born, err := w.newestSeq()
	if err != nil {
		return err
	}
	k, n, err := w.execID(w.insert, r.ID, r.Definition, string(r.Status), string(r.Reason), b2i(r.Ready),
		int64(born), int64(r.Created), int64(r.Ended), blob(r.StartHash), blob(r.Head), r.Parent)
	switch {
	case err != nil:
		return err
	case n == 1:
		o.K, o.Born = k, born
		return nil
	}
	o.Code = store.Exists
	o.K, err = w.rowNumber(r.ID)
	return err
}

// advance writes the next revision of an instance.
func (w *writer) advance(r *store.Row, o *store.Outcome) error {
	k := r.K
	if k == 0 {
		var err error
		if k, err = w.rowNumber(r.ID); err != nil {
			return err
		}
	}
	n, err := w.revise(k, r)
	if err != nil {
		return err
	}
	o.K = k
	if n == 0 {
		o.Code, o.K = store.Stale, r.K
	}
	return nil
}

// revise writes a revision over the one before it and returns how many rows that
// were. Most change nothing but the head.
func (w *writer) revise(k int64, r *store.Row) (n int64, err error) {
	rev, head := int64(r.Rev), blob(r.Head)
	if r.Ready && r.Status == instance.Runnable && r.Reason == "" && r.Ended == 0 {
		n, err = w.exec(w.moveOn, rev, head, k, rev-1, r.ID)
	}
	if err != nil || n > 0 {
		return n, err
	}
	return w.exec(w.update, string(r.Status), string(r.Reason), rev, int64(r.Ended), head, b2i(r.Ready), k, rev-1, r.ID)
}

// rowNumber returns the row number of an instance; 0 if there is none.
func (w *writer) rowNumber(id string) (int64, error) {
	found, err := w.row(w.find, 1, id)
	if !found {
		return 0, err
	}
	return w.number(0), nil
}

// parts writes what stands beside the head of an instance.
func (w *writer) parts(r *store.Row, o *store.Outcome) error {
	for i := range r.Drop {
		id := &r.Drop[i]
		if _, err := w.exec(w.dropCell, o.K, int64(id.Kind), int64(id.Ptr), int64(id.Index)); err != nil {
			return err
		}
	}
	for i := range r.Cells {
		id := &r.Cells[i].ID
		if _, err := w.exec(w.putCell, o.K, int64(id.Kind), int64(id.Ptr), int64(id.Index), blob(r.Cells[i].Body)); err != nil {
			return err
		}
	}
	for i := range r.Timers {
		if err := w.timer(o.K, &r.Timers[i]); err != nil {
			return err
		}
	}
	for i := range r.Waits {
		if err := w.wait(o, &r.Waits[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) timer(k int64, op *store.TimerOp) (err error) {
	if op.Set {
		_, err = w.exec(w.setTimer, int64(op.Due), k, int64(op.Ptr), int64(op.Gen))
	} else {
		_, err = w.exec(w.dropTimer, int64(op.Due), k, int64(op.Ptr))
	}
	return err
}

func (w *writer) wait(o *store.Outcome, op *store.WaitOp) error {
	if !op.Set {
		_, err := w.exec(w.dropWait, op.Name, op.Key, o.K, int64(op.Ptr))
		return err
	}
	if _, err := w.exec(w.setWait, op.Name, op.Key, o.K, int64(op.Ptr), int64(op.Gen), int64(op.After)); err != nil {
		return err
	}
	matched, err := w.offer(o.K, op)
	o.Matched = o.Matched || matched
	return err
}

// offer looks for an event that a new wait may take, and if there is one begins a
// new round of its delivery.
func (w *writer) offer(k int64, op *store.WaitOp) (bool, error) {
	newest, err := w.newestSeq()
	if err != nil || newest <= op.After {
		return false, err
	}
	found, err := w.row(w.match, 1, op.Name, op.Key, int64(op.After), k)
	if !found {
		return false, err
	}
	_, err = w.exec(w.reopen, w.number(0))
	return err == nil, err
}

// event publishes e; fresh is false where its publisher's id was used before.
func (w *writer) event(e *store.Event, o *store.Outcome) (fresh bool, err error) {
	if e.Dedup != "" { // looked up first: an insert that conflicts would use up a number
		found, err := w.row(w.published, 1, e.Name, e.Key, e.Dedup)
		if err != nil {
			return false, err
		}
		if found {
			o.Seq = instance.Seq(w.number(0))
			return false, nil
		}
	}
	id, _, err := w.execID(w.publish, e.Name, e.Key, e.Dedup, int64(e.Published), blob(e.Payload))
	if err != nil {
		return false, err
	}
	o.Seq = instance.Seq(id)
	w.seq, w.hasSeq = o.Seq, true
	return true, nil
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
