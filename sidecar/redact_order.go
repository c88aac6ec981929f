package main

import "sync"

// inOrder runs work on jobs in parallel and hands them on in the order in which they were made: produce emits each by filling in a
// job that it is given, work does it, consume takes its result. produce runs on the caller's goroutine; all others have ended when
// inOrder returns. There are never more than 2 x workers + 1 jobs, which are used again. After an error of consume, emit is false.
func inOrder[J any](workers int, produce func(emit func(fill func(*J)) bool) error, work func(*J), consume func(*J) error) error {
	type ticket struct {
		job  *J
		done chan struct{}
	}
	most := 2*workers + 1
	free, todo, queue := make(chan *J, most), make(chan ticket, most), make(chan ticket, most)
	for range most {
		free <- new(J)
	}
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for t := range todo {
				work(t.job)
				close(t.done)
			}
		})
	}
	var failed error
	broken := make(chan struct{})
	all.Go(func() {
		for t := range queue {
			<-t.done
			if failed == nil {
				if failed = consume(t.job); failed != nil {
					close(broken)
				}
			}
			free <- t.job
		}
	})
	err := produce(func(fill func(*J)) bool {
		select {
		case <-broken:
			return false
		case job := <-free:
			fill(job)
			t := ticket{job, make(chan struct{})}
			todo <- t
			queue <- t
			return true
		}
	})
	close(todo)
	close(queue)
	all.Wait()
	if failed != nil {
		return failed
	}
	return err
}
