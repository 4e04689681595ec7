package dev.sinter.ir.interpreter;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.ScalarMath;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.ThreadKernel;
import dev.sinter.ir.kernel.ThreadKernel.Carried;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Memory;
import dev.sinter.ir.kernel.ThreadKernel.Place;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import dev.sinter.ir.kernel.ThreadKernel.Special;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
  private final Bindings sizes;
  private final long[] lengths;
  private final int threads;
  private @Nullable Numbers[] registers = new Numbers[64];
  private final List<SharedMemory> shared = new ArrayList<>();
  private CopyQueue queue = new CopyQueue(0);
  private long block;

  private ThreadEvaluator(ThreadKernel kernel, List<Tensor> memory, Bindings sizes) {
    this.kernel = kernel;
    this.memory = memory;
    this.sizes = sizes;
    this.threads = kernel.grid().threads();
    this.lengths = kernel.buffers().stream().mapToLong(b -> sizes.evaluate(b.elements())).toArray();
  }

  /// Runs `kernel`, whose waits and barriers are in place.
  ///
  /// @param memory for each buffer its elements as they lie in memory, of any shape
  /// @param sizes the kernel's sizes
  public static void run(ThreadKernel kernel, List<Tensor> memory, Bindings sizes) {
    if (!kernel.isSynchronized()) {
      throw new CompilerBug("ThreadEvaluator", kernel.name() + " awaits tokens");
    }
    ThreadEvaluator evaluator = new ThreadEvaluator(kernel, memory, sizes);
    long blocks = sizes.evaluate(kernel.grid().blocks());
    for (long block = 0; block < blocks; block++) {
      evaluator.block(block);
    }
  }

  private void block(long number) {
    block = number;
    shared.clear();
    kernel.shared().forEach(array -> shared.add(new SharedMemory(array, this::fault)));
    queue = new CopyQueue(threads);
    boolean[] all = new boolean[threads];
    Arrays.fill(all, true);
    run(kernel.body(), all);
  }

  private void run(List<Step> steps, boolean[] active) {
    for (Step step : steps) {
      switch (step) {
        case Step.Define(Register to, Expr value) -> define(to, value, active);
        case Step.Load load -> load(load, active);
        case Step.Store store -> store(store, active);
        case Step.Copies copies -> copies(copies, active);
        case Step.Await await -> throw new CompilerBug("ThreadEvaluator", "an await is left");
        case Step.Wait(int pending) ->
            each(active, t -> queue.finish(t, pending, transfer -> arrive(t, transfer)));
        case Step.Barrier() -> {
          together(active, "the barrier");
          shared.forEach(SharedMemory::barrier);
        }
        case Step.For loop -> loop(loop, active);
      }
    }
  }

  private interface PerThread {
    void run(int thread);
  }

  private void each(boolean[] active, PerThread body) {
    for (int t = 0; t < threads; t++) {
      if (active[t]) {
        body.run(t);
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

  private Numbers get(Register register) {
    return Objects.requireNonNull(registers[register.number()], register::toString);
  }

  private Numbers make(Register register) {
    if (register.number() >= registers.length) {
      registers = Arrays.copyOf(registers, 2 * register.number());
    }
    Numbers before = registers[register.number()];
    if (before != null) {
      return before;
    }
    Numbers fresh = Numbers.zeros(register.type().dtype(), threads);
    registers[register.number()] = fresh;
    return fresh;
  }

  private void define(Register to, Expr value, boolean[] active) {
    Numbers out = make(to);
    DType dtype = to.type().dtype();
    switch (value) {
      case Expr.Own(Special special) ->
          each(active, t -> out.integers[t] = special == Special.THREAD ? t : block);
      case Expr.Size(String symbol) -> {
        long size = sizes.evaluate(dev.sinter.ir.Dim.symbol(symbol));
        each(active, t -> out.integers[t] = size);
      }
      case Expr.Constant(var literal) ->
          each(
              active,
              t -> {
                if (dtype.isFloat()) {
                  out.reals[t] = dtype.round(literal.real());
                } else {
                  out.integers[t] = literal.integer();
                }
              });
      case Expr.Apply(ScalarFn fn, List<Register> args) -> apply(fn, args, out, dtype, active);
      case Expr.Cast(RegisterType type, Register arg) ->
          cast(get(arg), arg.type().dtype(), out, type.dtype(), active);
      case Expr.Bits(RegisterType type, Register arg) ->
          each(active, t -> setBits(out, type.dtype(), t, bits(get(arg), arg.type().dtype(), t)));
      case Expr.Shuffle(Register arg, int mask) -> {
        together(active, "the shuffle");
        Numbers from = get(arg);
        each(
            active,
            t -> {
              if (dtype.isFloat()) {
                out.reals[t] = from.reals[t ^ mask];
              } else {
                out.integers[t] = from.integers[t ^ mask];
              }
            });
      }
    }
  }

  private void apply(ScalarFn fn, List<Register> args, Numbers out, DType dtype, boolean[] active) {
    DType type = args.getLast().type().dtype();
    Numbers[] from = args.stream().map(this::get).toArray(Numbers[]::new);
    if (fn == ScalarFn.SELECT) {
      each(
          active,
          t -> {
            Numbers side = from[0].integers[t] != 0 ? from[1] : from[2];
            if (dtype.isFloat()) {
              out.reals[t] = side.reals[t];
            } else {
              out.integers[t] = side.integers[t];
            }
          });
    } else if (type.isFloat()) {
      double[] x = new double[from.length];
      each(
          active,
          t -> {
            for (int i = 0; i < x.length; i++) {
              x[i] = from[i].reals[t];
            }
            if (fn == ScalarFn.FMA && type == DType.F32) {
              // In f64 the sum of a product would be rounded twice.
              out.reals[t] = Math.fma((float) x[0], (float) x[1], (float) x[2]);
            } else if (dtype.isFloat()) {
              out.reals[t] = dtype.round(ScalarMath.apply(fn, type, x));
            } else {
              out.integers[t] = (long) ScalarMath.apply(fn, type, x);
            }
          });
    } else {
      long[] x = new long[from.length];
      each(
          active,
          t -> {
            for (int i = 0; i < x.length; i++) {
              x[i] = from[i].integers[t];
            }
            out.integers[t] = ScalarMath.apply(fn, type, x);
          });
    }
  }

  private void cast(Numbers from, DType before, Numbers out, DType after, boolean[] active) {
    each(
        active,
        t -> {
          if (after.isFloat()) {
            out.reals[t] =
                before.isFloat()
                    ? after.round(from.reals[t])
                    : ScalarMath.toReal(from.integers[t], before, after);
          } else {
            out.integers[t] =
                before.isFloat()
                    ? ScalarMath.toInteger(from.reals[t], after)
                    : after.wrap(from.integers[t]);
          }
        });
  }

  private static long bits(Numbers from, DType dtype, int t) {
    return switch (dtype) {
      case F32 -> Float.floatToRawIntBits((float) from.reals[t]);
      case F64 -> Double.doubleToRawLongBits(from.reals[t]);
      default -> from.integers[t];
    };
  }

  private static void setBits(Numbers out, DType dtype, int t, long bits) {
    switch (dtype) {
      case F32 -> out.reals[t] = Float.intBitsToFloat((int) bits);
      case F64 -> out.reals[t] = Double.longBitsToDouble(bits);
      default -> out.integers[t] = dtype.wrap(bits);
    }
  }

  private boolean holds(Optional<Register> only, int thread) {
    return only.isEmpty() || get(only.get()).integers[thread] != 0;
  }

  /// The first element of an access of `width`, checked.
  private int at(Place place, int width, int thread) {
    long first = get(place.index()).integers[thread] + place.offset();
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
    List<Numbers> outs = load.to().stream().map(this::make).toList();
    each(
        active,
        t -> {
          boolean reads = holds(load.only(), t);
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
    each(
        active,
        t -> {
          if (!holds(store.only(), t)) {
            return;
          }
          int at = at(store.to(), store.values().size(), t);
          for (int i = 0; i < store.values().size(); i++) {
            Numbers value = get(store.values().get(i));
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
    each(
        active,
        t -> {
          List<CopyQueue.Copy> group = new ArrayList<>();
          for (ThreadKernel.Transfer transfer : copies.transfers()) {
            int array = ((Memory.Shared) transfer.to().memory()).array();
            int buffer = ((Memory.Global) transfer.from().memory()).buffer();
            int to = at(transfer.to(), transfer.elements(), t);
            boolean reads = holds(transfer.only(), t);
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
    each(active, t -> index[t] = get(loop.from()).integers[t]);
    for (Carried c : loop.carried()) {
      move(c.initial(), c.inside(), active);
    }
    boolean[] turning = active.clone();
    while (true) {
      boolean any = false;
      for (int t = 0; t < threads; t++) {
        turning[t] &= index[t] < get(loop.to()).integers[t];
        any |= turning[t];
      }
      if (!any) {
        break;
      }
      Numbers counter = make(loop.index());
      each(turning, t -> counter.integers[t] = index[t]);
      run(loop.body(), turning);
      yielded(loop.carried(), turning);
      each(turning, t -> index[t] += loop.step());
    }
    for (Carried c : loop.carried()) {
      move(c.inside(), c.result(), active);
    }
  }

  /// Hands the yielded values on, all at once: one may be another's old value.
  private void yielded(List<Carried> carried, boolean[] active) {
    List<Numbers> old = new ArrayList<>();
    for (Carried c : carried) {
      if (c.inside().type() != RegisterType.TOKEN) {
        Numbers snapshot = Numbers.zeros(c.inside().type().dtype(), threads);
        copy(get(c.yielded()), snapshot, active);
        old.add(snapshot);
      }
    }
    int next = 0;
    for (Carried c : carried) {
      if (c.inside().type() != RegisterType.TOKEN) {
        copy(old.get(next++), make(c.inside()), active);
      }
    }
  }

  private void move(Register from, Register to, boolean[] active) {
    if (from.type() != RegisterType.TOKEN) {
      copy(get(from), make(to), active);
    }
  }

  private void copy(Numbers from, Numbers to, boolean[] active) {
    each(
        active,
        t -> {
          if (to.reals.length > 0) {
            to.reals[t] = from.reals[t];
          } else {
            to.integers[t] = from.integers[t];
          }
        });
  }
}
