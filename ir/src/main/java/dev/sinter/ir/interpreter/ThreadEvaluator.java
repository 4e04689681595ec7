package dev.sinter.ir.interpreter;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.ThreadKernel;
import dev.sinter.ir.kernel.ThreadKernel.Carried;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Memory;
import dev.sinter.ir.kernel.ThreadKernel.Place;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Runs a [ThreadKernel] on tensors: block after block, and in a block all threads in step, those
/// that have left a loop waiting for the others.
///
/// Floats are rounded to their type after each operation, so that what IEEE 754 determines has the
/// bits that it has on a GPU. A fault stops the run with a [CompilerBug] that names the thread: an
/// access out of bounds or not aligned, a barrier or a shuffle that some threads do not reach, and
/// what [SharedMemory] reports.
public final class ThreadEvaluator {
  private final ThreadKernel kernel;
  private final List<Tensor> memory;
  private final long[] lengths;
  private final int threads;
  private final ThreadRegisters registers;
  private final List<SharedMemory> shared = new ArrayList<>();
  private final CopyQueue queue;
  private final long block;
  private final ThreadExpressions expressions;

  private ThreadEvaluator(ThreadKernel kernel, List<Tensor> memory, Bindings sizes, long block) {
    this.kernel = kernel;
    this.memory = memory;
    this.block = block;
    this.threads = kernel.grid().threads();
    this.registers = new ThreadRegisters(threads);
    this.expressions = new ThreadExpressions(registers, sizes, block, this::together);
    this.queue = new CopyQueue(threads);
    this.lengths = kernel.buffers().stream().mapToLong(b -> sizes.evaluate(b.elements())).toArray();
    kernel.shared().forEach(array -> shared.add(new SharedMemory(array, this::fault)));
  }

  /// Runs `kernel`, whose waits and barriers are in place.
  ///
  /// @param memory for each buffer its elements as they lie in memory, of any shape
  /// @param sizes the kernel's sizes
  public static void run(ThreadKernel kernel, List<Tensor> memory, Bindings sizes) {
    if (!kernel.isSynchronized()) {
      throw new CompilerBug("ThreadEvaluator", kernel.name() + " awaits tokens");
    }
    long blocks = sizes.evaluate(kernel.grid().blocks());
    for (long block = 0; block < blocks; block++) {
      new ThreadEvaluator(kernel, memory, sizes, block).run();
    }
  }

  private void run() {
    boolean[] all = new boolean[threads];
    Arrays.fill(all, true);
    run(kernel.body(), all);
  }

  private void run(List<Step> steps, boolean[] active) {
    for (Step step : steps) {
      switch (step) {
        case Step.Define(Register to, Expr value) -> expressions.define(to, value, active);
        case Step.Load load -> load(load, active);
        case Step.Store store -> store(store, active);
        case Step.Copies copies -> copies(copies, active);
        case Step.Await await -> throw new CompilerBug("ThreadEvaluator", "an await is left");
        case Step.Wait(int pending) ->
            registers.each(active, t -> queue.finish(t, pending, transfer -> arrive(t, transfer)));
        case Step.Barrier() -> {
          together(active, "the barrier");
          shared.forEach(SharedMemory::barrier);
        }
        case Step.For loop -> loop(loop, active);
      }
    }
  }

  private void together(boolean[] active, String what) {
    for (int t = 0; t < threads; t++) {
      if (!active[t]) {
        throw fault(t, "does not reach " + what);
      }
    }
  }

  private CompilerBug fault(int thread, String what) {
    return new CompilerBug(
        "ThreadEvaluator",
        "%s: thread %d of block %d %s".formatted(kernel.name(), thread, block, what));
  }

  /// The first element of an access of `width`, checked.
  private int at(Place place, int width, int thread) {
    long first = registers.get(place.index()).integers[thread] + place.offset();
    long length =
        switch (place.memory()) {
          case Memory.Global(int buffer) -> lengths[buffer];
          case Memory.Shared(int array) -> kernel.shared().get(array).elements();
        };
    if (first < 0 || first + width > length) {
      throw fault(thread, "is at " + first + " of " + length + " elements of " + place.memory());
    }
    if (first % width != 0) {
      throw fault(
          thread, "is at " + first + " of " + place.memory() + ", not a multiple of " + width);
    }
    return (int) first;
  }

  private void load(Step.Load load, boolean[] active) {
    List<Numbers> outs = load.to().stream().map(registers::make).toList();
    registers.each(
        active,
        t -> {
          boolean reads = registers.holds(load.only(), t);
          int at = reads ? at(load.from(), outs.size(), t) : 0;
          for (int i = 0; i < outs.size(); i++) {
            if (load.to().get(i).type().dtype().isFloat()) {
              outs.get(i).reals[t] = reads ? real(load.from().memory(), at + i, t) : 0;
            } else {
              outs.get(i).integers[t] = reads ? integer(load.from().memory(), at + i, t) : 0;
            }
          }
        });
  }

  private double real(Memory from, int at, int thread) {
    return switch (from) {
      case Memory.Global(int buffer) -> memory.get(buffer).getDouble(at);
      case Memory.Shared(int array) -> shared.get(array).read(at, thread).reals[at];
    };
  }

  private long integer(Memory from, int at, int thread) {
    return switch (from) {
      case Memory.Global(int buffer) -> memory.get(buffer).getLong(at);
      case Memory.Shared(int array) -> shared.get(array).read(at, thread).integers[at];
    };
  }

  private void store(Step.Store store, boolean[] active) {
    registers.each(
        active,
        t -> {
          if (!registers.holds(store.only(), t)) {
            return;
          }
          int at = at(store.to(), store.values().size(), t);
          for (int i = 0; i < store.values().size(); i++) {
            Numbers value = registers.get(store.values().get(i));
            boolean real = store.values().get(i).type().dtype().isFloat();
            switch (store.to().memory()) {
              case Memory.Global(int buffer) when real ->
                  memory.get(buffer).setDouble(at + i, value.reals[t]);
              case Memory.Global(int buffer) ->
                  memory.get(buffer).setLong(at + i, value.integers[t]);
              case Memory.Shared(int array) when real ->
                  shared.get(array).write(at + i, t).reals[at + i] = value.reals[t];
              case Memory.Shared(int array) ->
                  shared.get(array).write(at + i, t).integers[at + i] = value.integers[t];
            }
          }
        });
  }

  private void copies(Step.Copies copies, boolean[] active) {
    registers.each(
        active,
        t -> {
          List<CopyQueue.Copy> group = new ArrayList<>();
          for (ThreadKernel.Transfer transfer : copies.transfers()) {
            int array = ((Memory.Shared) transfer.to().memory()).array();
            int buffer = ((Memory.Global) transfer.from().memory()).buffer();
            int to = at(transfer.to(), transfer.elements(), t);
            boolean reads = registers.holds(transfer.only(), t);
            int from = reads ? at(transfer.from(), transfer.elements(), t) : -1;
            for (int i = 0; i < transfer.elements(); i++) {
              shared.get(array).poison(to + i, t);
              group.add(new CopyQueue.Copy(array, to + i, buffer, reads ? from + i : -1));
            }
          }
          queue.add(t, group);
        });
  }

  private void arrive(int thread, CopyQueue.Copy copy) {
    SharedMemory array = shared.get(copy.array());
    if (array.isReal()) {
      array.arrive(copy.to(), thread).reals[copy.to()] =
          copy.from() < 0 ? 0 : memory.get(copy.buffer()).getDouble(copy.from());
    } else {
      array.arrive(copy.to(), thread).integers[copy.to()] =
          copy.from() < 0 ? 0 : memory.get(copy.buffer()).getLong(copy.from());
    }
  }

  private void loop(Step.For loop, boolean[] active) {
    long[] index = new long[threads];
    registers.each(active, t -> index[t] = registers.get(loop.from()).integers[t]);
    for (Carried c : loop.carried()) {
      registers.move(c.initial(), c.inside(), active);
    }
    boolean[] turning = active.clone();
    while (true) {
      boolean any = false;
      for (int t = 0; t < threads; t++) {
        turning[t] &= index[t] < registers.get(loop.to()).integers[t];
        any |= turning[t];
      }
      if (!any) {
        break;
      }
      Numbers counter = registers.make(loop.index());
      registers.each(turning, t -> counter.integers[t] = index[t]);
      run(loop.body(), turning);
      registers.hand(loop.carried(), turning);
      registers.each(turning, t -> index[t] += loop.step());
    }
    for (Carried c : loop.carried()) {
      registers.move(c.inside(), c.result(), active);
    }
  }
}
