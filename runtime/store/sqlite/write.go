package sqlite

import (
	"strconv"

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
	if err := w.published(it, o); err != nil {
		return err
	}
	if d := it.Delivered; d != nil {
		if _, err := w.exec(w.delivered, int64(d.Seq), d.Round); err != nil {
			return err
		}
	}
	if it.Purge != nil {
		if met, err := w.purgeEnded(it.Purge, o); err != nil || !met {
			return err
		}
	}
	for i := range it.Done {
		if err := w.dealt(&it.Done[i], o.N); err != nil {
			return err
		}
	}
	if it.DropReplies != 0 {
		if _, err := w.exec(w.dropReplies, int64(it.DropReplies), int64(store.MaxDropped)); err != nil {
			return err
		}
	}
	for i := range it.Send {
		m := &it.Send[i]
		if _, err := w.exec(w.post, m.Request, m.Class, m.Target, blob(m.Body)); err != nil {
			return err
		}
	}
	return nil
}

// dealt deletes a message and keeps its answer.
func (w *writer) dealt(d *store.Done, n int) error {
	if _, err := w.exec(w.done, d.N); err != nil || d.Reply == nil {
		return err
	}
	text := d.Reply.Text
	if d.Count {
		text = strconv.Itoa(n)
	}
	_, err := w.exec(w.reply, d.Reply.Request, int64(d.Reply.At), d.Reply.Code, text)
	return err
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
	if r.Reference != "" {
		if rival, err := w.rivalled(r, o); rival || err != nil {
			return err
		}
	}
	k, n, err := w.execID(w.insert, r.ID, r.Definition, r.Reference, b2i(r.Unique), string(r.Status), string(r.Reason), b2i(r.Ready),
		int64(born), int64(r.Created), int64(r.Ended), blob(r.StartHash), blob(r.Head), r.Parent, b2i(r.Artifacts))
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

// rivalled reports whether a live instance keeps another one of its workflow and
// reference from being started. One of the same id Exists, whatever its reference.
func (w *writer) rivalled(r *store.Row, o *store.Outcome) (bool, error) {
	there, err := w.row(w.find, 1, r.ID)
	if there || err != nil {
		return false, err
	}
	rival, err := w.row(w.rival, 1, r.Reference, b2i(r.Unique), r.Definition)
	if rival {
		o.Code, o.K = store.Conflict, w.number(0)
	}
	return rival, err
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
		return nil
	}
	if r.Artifacts {
		_, err = w.exec(w.refers, k)
	}
	return err
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
	for _, t := range r.Took {
		if _, err := w.exec(w.took, b2i(t.Failed), int64(t.Seq)); err != nil {
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
	if _, err := w.exec(w.setWait, op.Name, op.Key, o.K, int64(op.Ptr), int64(op.Gen), int64(op.After), int64(op.Since)); err != nil {
		return err
	}
	matched, err := w.offer(o.K, op)
	o.Matched = o.Matched || matched
	return err
}
