package main

import (
	"errors"
	"runtime"
	"testing"
)

func TestJobsAreHandedOnInOrder(t *testing.T) {
	const jobs = 1000
	next := 0
	err := inOrder(4, func(emit func(func(*int)) bool) error {
		for n := range jobs {
			if !emit(func(j *int) { *j = n }) {
				t.Error("a job was refused")
			}
		}
		return nil
	}, func(j *int) {
		for range *j % 7 {
			runtime.Gosched() // let others overtake
		}
		*j *= 2
	}, func(j *int) error {
		if *j != 2*next {
			t.Errorf("job %d came as %d", next, *j/2)
		}
		next++
		return nil
	})
	if err != nil || next != jobs {
		t.Errorf("%d jobs, %v", next, err)
	}
}

func TestAnErrorEndsTheJobs(t *testing.T) {
	full := errors.New("disk full")
	made := 0
	err := inOrder(3, func(emit func(func(*int)) bool) error {
		for emit(func(*int) { made++ }) {
		}
		return nil
	}, func(*int) {}, func(*int) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	if made == 0 {
		t.Error("no job was made")
	}
	broken := errors.New("pipe broke")
	if err := inOrder(3, func(func(func(*int)) bool) error { return broken }, func(*int) {}, func(*int) error { return nil }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}
