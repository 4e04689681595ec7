package dev.sinter.ir.interpreter;

import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.ThreadKernel;
import java.util.Arrays;
import java.util.function.BiFunction;

/// An array that the threads of a block have in common, and what is known of who touched each
/// element since the last barrier.
///
/// Reported are: a read of what was never written; a read of what a copy is still to bring; a read
/// of what another thread wrote, and a write of what another thread read or wrote, with no barrier
/// between.
final class SharedMemory {
  private static final int NOBODY = -1;
  private static final int SEVERAL = -2;

  private enum State {
    EMPTY,
    COPYING,
    FULL
  }

  private final String name;
  private final boolean real;
  private final BiFunction<Integer, String, CompilerBug> fault;
  private final Numbers values;
  private final State[] states;
  private final int[] writers;
  private final int[] readers;

  /// @param fault makes the error from the thread and what it did
  SharedMemory(ThreadKernel.SharedArray array, BiFunction<Integer, String, CompilerBug> fault) {
    this.name = array.name();
    this.real = array.dtype().isFloat();
    this.fault = fault;
    this.values = Numbers.zeros(array.dtype(), array.elements());
    this.states = new State[array.elements()];
    this.writers = new int[array.elements()];
    this.readers = new int[array.elements()];
    Arrays.fill(states, State.EMPTY);
    barrier();
  }

  boolean isReal() {
    return real;
  }

  /// All threads have arrived.
  void barrier() {
    Arrays.fill(writers, NOBODY);
    Arrays.fill(readers, NOBODY);
  }

  /// The array, of which `thread` reads element `at`.
  Numbers read(int at, int thread) {
    switch (states[at]) {
      case EMPTY -> throw fault(thread, at, "reads", "which nobody wrote");
      case COPYING -> throw fault(thread, at, "reads", "before its copy has arrived");
      case FULL -> {}
    }
    if (writers[at] != NOBODY && writers[at] != thread) {
      throw fault(thread, at, "reads", "in a race with the write of thread " + writers[at]);
    }
    readers[at] = readers[at] == NOBODY || readers[at] == thread ? thread : SEVERAL;
    return values;
  }

  /// The array, of which `thread` writes element `at`.
  Numbers write(int at, int thread) {
    if (states[at] == State.COPYING) {
      throw fault(thread, at, "writes", "while it is copied to");
    }
    claim(at, thread);
    return values;
  }

  /// A copy to element `at` begins: nobody may read it before it has arrived.
  void poison(int at, int thread) {
    claim(at, thread);
    states[at] = State.COPYING;
  }

  /// The array, to whose element `at` a copy of `thread` brings a value.
  Numbers arrive(int at, int thread) {
    claim(at, thread);
    return values;
  }

  private void claim(int at, int thread) {
    if (readers[at] != NOBODY && readers[at] != thread) {
      throw fault(thread, at, "writes", "in a race with a read");
    }
    if (writers[at] != NOBODY && writers[at] != thread) {
      throw fault(thread, at, "writes", "in a race with the write of thread " + writers[at]);
    }
    writers[at] = thread;
    states[at] = State.FULL;
  }

  private CompilerBug fault(int thread, int at, String verb, String why) {
    return fault.apply(thread, "%s %s[%d] %s".formatted(verb, name, at, why));
  }
}
