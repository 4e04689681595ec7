package dev.sinter.runtime;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The threads of a session: the caller's and `threads - 1` daemons of its own. A launch gives each
/// one part of a step, always the same one, and ends when all are done; it allocates nothing.
///
/// A thread that waits spins for a while, so that within an inference the next launch costs 0.2
/// microseconds, and then parks, so that between inferences it costs nothing.
final class Workers implements AutoCloseable {
  /// Spins before parking: some hundred microseconds, longer than the gaps between the launches of
  /// an inference.
  private static final int SPINS = 20_000;

  /// On a busy machine the one that is waited for may be waiting for this processor: offer it now
  /// and then.
  private static final int YIELD_EVERY = 64;

  private final Worker[] workers;
  private final int spins;
  // The launch that turn number `turn` released; plain fields, published by the write of `turn`.
  private @Nullable Program program;
  private @Nullable Frame frame;
  private int step;
  private @Nullable Thread caller;
  private volatile boolean callerParked;
  private volatile boolean closed;
  private volatile int turn;

  /// Starts `threads - 1` threads.
  Workers(int threads) {
    // With fewer processors than threads a spinning one takes the time of one that has work.
    spins = Runtime.getRuntime().availableProcessors() < threads ? 0 : SPINS;
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
    }
    for (Worker worker : workers) {
      worker.thread.start();
    }
  }

  int threads() {
    return workers.length + 1;
  }

  /// Runs all parts of a step and returns when they are done. What a part throws is thrown here,
  /// the caller's own part first, then by number.
  void launch(Program program, int step, Frame frame) {
    if (workers.length == 0) {
      program.step(step, frame, 0, 1);
      return;
    }
    this.program = program;
    this.frame = frame;
    this.step = step;
    caller = Thread.currentThread();
    release();
    Throwable fault = null;
    try {
      program.step(step, frame, 0, workers.length + 1);
    } catch (Throwable t) {
      // Held until the others are done: they work on the same memory.
      fault = t;
    }
    for (Worker worker : workers) {
      Throwable theirs = join(worker);
      if (fault == null) {
        fault = theirs;
      }
    }
    switch (fault) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new AssertionError("a step threw a checked exception", fault);
    }
  }

  /// Ends the threads and waits until they have ended.
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    release();
    boolean interrupted = false;
    for (Worker worker : workers) {
      while (worker.thread.isAlive()) {
        try {
          worker.thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // Only the caller writes it.
  private void release() {
    turn++;
    for (Worker worker : workers) {
      if (worker.parked) {
        LockSupport.unpark(worker.thread);
      }
    }
  }

  private @Nullable Throwable join(Worker worker) {
    for (int i = 1; i <= spins && worker.done != turn; i++) {
      spin(i);
    }
    if (worker.done != turn) {
      // Written before `done` is read again, as the worker writes `done` before it reads this.
      callerParked = true;
      while (worker.done != turn) {
        LockSupport.park(this);
      }
      callerParked = false;
    }
    Throwable fault = worker.fault;
    worker.fault = null;
    return fault;
  }

  @SuppressWarnings("ThreadPriorityCheck") // It only matters where other work wants the processor.
  private static void spin(int i) {
    if (i % YIELD_EVERY == 0) {
      Thread.yield();
    } else {
      Thread.onSpinWait();
    }
  }

  /// A thread that takes its part of each launch.
  private final class Worker implements Runnable {
    private final int part;
    private final Thread thread;
    private volatile boolean parked;
    private volatile int done;
    // Published by the write of `done`.
    private @Nullable Throwable fault;

    Worker(int part) {
      this.part = part;
      this.thread = Thread.ofPlatform().daemon().name("sinter-worker-" + part).unstarted(this);
    }

    @Override
    public void run() {
      int seen = 0;
      while (true) {
        seen = await(seen);
        if (closed) {
          return;
        }
        try {
          if (program != null && frame != null) {
            program.step(step, frame, part, workers.length + 1);
          }
        } catch (Throwable t) {
          fault = t;
        }
        done = seen;
        if (callerParked) {
          LockSupport.unpark(caller);
        }
      }
    }

    private int await(int seen) {
      for (int i = 1; i <= spins && turn == seen; i++) {
        spin(i);
      }
      if (turn == seen) {
        // Written before `turn` is read again, as the caller writes `turn` before it reads this.
        parked = true;
        while (turn == seen) {
          LockSupport.park(Workers.this);
        }
        parked = false;
      }
      return turn;
    }
  }
}
