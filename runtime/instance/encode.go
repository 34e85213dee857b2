package instance

import "encoding/binary"

// format is the first byte of every head and cell.
const format = 11

// AppendHead appends the head of s to b: all of it but what lies in cells.
func (s *State) AppendHead(b []byte) []byte {
	b = append(b, format)
	b = appendString(b, string(s.Reason))
	b = appendParent(b, s.Parent)
	b = appendBytes(b, s.Trace)
	b = appendUint(b, uint64(s.NextPtr))
	b = appendUint(b, uint64(s.NextSeq))
	b = appendBytes(b, s.Data.Head)
	b = appendUint(b, uint64(len(s.Data.Fat)))
	for _, f := range s.Data.Fat {
		b = appendUint(b, uint64(f.Number))
		b = appendUint(b, uint64(f.At))
	}
	b = s.appendPointers(b, CellID{})
	b = appendUint(b, uint64(len(s.Cursors)))
	for _, c := range s.Cursors {
		b = appendString(b, c.Name)
		b = appendString(b, c.Key)
		b = appendUint(b, uint64(c.Seq))
	}
	b = appendFailure(b, s.Failure)
	b = append(b, byte(s.Cancel))
	b = appendString(b, s.Note)
	b = appendUint(b, uint64(len(s.Held)))
	for i := range s.Held {
		b = appendInput(b, &s.Held[i])
	}
	b = appendUint(b, uint64(len(s.Later)))
	for _, l := range s.Later {
		b = appendUint(b, uint64(l.Ptr))
		b = appendBool(b, l.Ended)
	}
	b = appendUint(b, s.Log.Last)
	b = appendUint(b, s.Log.First)
	b = appendUint(b, s.Log.Chunks)
	b = appendUint(b, s.Log.Failures)
	return appendBytes(b, s.Log.Records)
}

// AppendCell appends the present content of a cell to b.
func (s *State) AppendCell(b []byte, id CellID) []byte {
	b = append(b, format)
	switch id.Kind {
	case BranchCell:
		return s.appendPointers(b, id)
	case ItemsCell:
		items := s.Items[id.Ptr]
		first := id.Index * cellItems
		items = items[first:min(first+cellItems, len(items))]
		b = appendUint(b, uint64(len(items)))
		for _, it := range items {
			b = appendBytes(b, it)
		}
	case UndoCell:
		if u := s.Entry(id.Ptr); u != nil {
			return appendUndo(b, u)
		}
	case FieldCell:
		if f := s.Data.fat(id.Index); f != nil {
			return append(b, f.Body...)
		}
	}
	return b
}

func (s *State) appendPointers(b []byte, home CellID) []byte {
	n := 0
	for _, p := range s.Pointers {
		if p.Home == home {
			n++
		}
	}
	b = appendUint(b, uint64(n))
	for _, p := range s.Pointers {
		if p.Home == home {
			b = appendPointer(b, p)
		}
	}
	return b
}

func appendPointer(b []byte, p *Pointer) []byte {
	b = appendUint(b, uint64(p.ID))
	b = appendUint(b, uint64(p.Node))
	b = appendUint(b, uint64(p.Parent))
	b = appendUint(b, uint64(p.Block))
	b = appendUint(b, uint64(p.Index))
	b = append(b, byte(p.Role), byte(p.Edge), byte(p.Status), byte(p.Phase))
	b = appendUint(b, uint64(p.Into))
	b = appendBytes(b, p.Vars)
	b = appendBool(b, p.Held)
	b = appendUint(b, uint64(p.Gen))
	b = appendUint(b, uint64(p.Attempt))
	b = appendUint(b, uint64(p.Used))
	b = appendUint(b, uint64(p.Crashes))
	b = appendBool(b, p.Probing)
	b = appendInt(b, int64(p.Due))
	b = appendBytes(b, p.Input)
	b = appendBytes(b, p.Persist)
	b = appendString(b, p.Event)
	b = appendString(b, p.Key)
	b = appendBool(b, p.Taken)
	b = appendBytes(b, p.Payload)
	b = appendInt(b, int64(p.Since))
	b = appendUint(b, uint64(p.Pending))
	b = appendUint(b, uint64(p.Started))
	b = appendUint(b, uint64(p.Total))
	b = appendInt(b, int64(p.Round))
	b = appendUint(b, uint64(p.Mark))
	b = appendString(b, p.Action)
	b = appendUint(b, uint64(p.Undo))
	return appendFailure(b, p.Cause)
}

func appendParent(b []byte, p *Parent) []byte {
	b = appendBool(b, p != nil)
	if p == nil {
		return b
	}
	b = appendString(b, p.ID)
	b = appendUint(b, uint64(p.Ptr))
	b = appendUint(b, uint64(p.Gen))
	return appendUint(b, uint64(p.Depth))
}

func appendFailure(b []byte, f *Failure) []byte {
	b = appendBool(b, f != nil)
	if f == nil {
		return b
	}
	b = appendString(b, f.Node)
	b = appendString(b, f.Step)
	b = appendString(b, f.Message)
	b = appendString(b, f.Position)
	b = appendUint(b, uint64(f.Attempt))
	b = appendInt(b, int64(f.At))
	b = appendUint(b, uint64(f.Ptr))
	return appendInt(b, f.After)
}

func appendInput(b []byte, in *Input) []byte {
	b = append(b, byte(in.Kind), byte(in.Result))
	b = appendUint(b, uint64(in.Ptr))
	b = appendUint(b, uint64(in.Gen))
	b = appendInt(b, int64(in.At))
	b = appendBytes(b, in.Payload)
	b = appendString(b, in.Outcome)
	b = appendString(b, in.Event)
	b = appendString(b, in.Key)
	b = appendBytes(b, in.Persist)
	b = appendUint(b, uint64(len(in.Items)))
	for _, it := range in.Items {
		b = appendBytes(b, it)
	}
	b = appendInt(b, int64(in.Until))
	b = appendUint(b, uint64(in.Seq))
	b = appendString(b, in.Signal)
	b = appendBytes(b, in.Trace)
	b = appendBool(b, in.Unbegun)
	b = appendBool(b, in.Err != nil)
	if in.Err != nil {
		b = appendString(b, in.Err.Message)
		b = appendBool(b, in.Err.Permanent)
		b = appendInt(b, in.Err.After)
	}
	return b
}

func appendUndo(b []byte, u *UndoEntry) []byte {
	b = appendUint(b, uint64(u.Seq))
	b = appendUint(b, uint64(u.Ptr))
	b = appendUint(b, uint64(u.Node))
	b = appendUint(b, uint64(u.Saga))
	b = appendBool(b, u.InPart)
	b = appendBool(b, u.Block)
	b = appendBool(b, u.Link)
	b = appendBytes(b, u.Value)
	b = appendUint(b, uint64(len(u.Items)))
	for _, it := range u.Items {
		b = appendUint(b, uint64(it.Node))
		b = appendUint(b, uint64(it.Index))
		b = appendBytes(b, it.Value)
		b = appendBool(b, it.Done)
		b = appendBytes(b, it.Vars)
	}
	return appendFailure(b, u.Cause)
}

func appendUint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }
func appendInt(b []byte, v int64) []byte   { return binary.AppendVarint(b, v) }

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendBytes(b, v []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

func appendString(b []byte, v string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}
