package dev.sinter.ir.interpreter;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.ScalarMath;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Runs a [LoopKernel] with vectors of any number of lanes, as the machine would: what it writes
/// are the bits that the kernel's Java writes with vectors of that width. Slow.
///
/// Reported are: a place outside the buffer's elements, an integer that no `int` holds, and parts
/// that must not run at once: one writes what another reads, or writes something else there.
public final class LoopEvaluator {
  private static final int NOBODY = -1;
  private static final int SEVERAL = -2;

  private final LoopKernel kernel;
  private final List<Tensor> memory;
  private final Map<String, Long> sizes = new HashMap<>();
  private final int lanes;
  private final int parts;
  private final Map<String, Function> functions = new HashMap<>();

  /// For each element of each buffer who touched it; buffers in one memory have one.
  private final List<Touched> touched = new ArrayList<>();

  private int part;

  private LoopEvaluator(
      LoopKernel kernel, List<Tensor> memory, Bindings sizes, int lanes, int parts) {
    this.kernel = kernel;
    this.memory = new ArrayList<>();
    for (int i = 0; i < memory.size(); i++) {
      this.memory.add(as(kernel.buffers().get(i).dtype(), memory.get(i)));
    }
    this.lanes = lanes;
    this.parts = parts;
    IdentityHashMap<Tensor, Touched> apart = new IdentityHashMap<>();
    this.memory.forEach(m -> touched.add(apart.computeIfAbsent(m, Touched::new)));
    kernel.sizes().forEach(size -> this.sizes.put(size, sizes.evaluate(Dim.symbol(size))));
    this.sizes.put(LoopKernel.LANES, (long) lanes);
    kernel.functions().forEach(function -> functions.put(function.name(), function));
  }

  /// Runs all parts of `kernel`, one after the other.
  ///
  /// @param memory for each buffer its elements as they lie in memory, of any shape
  /// @param sizes the values of the kernel's sizes
  /// @param lanes the 32-bit elements in a vector, a power of two
  /// @param parts how many parts the work is cut into
  /// @throws CompilerBug saying what the kernel must not do
  public static void run(
      LoopKernel kernel, List<Tensor> memory, Bindings sizes, int lanes, int parts) {
    LoopEvaluator evaluator = new LoopEvaluator(kernel, memory, sizes, lanes, parts);
    for (int part = 0; part < parts; part++) {
      evaluator.part = part;
      evaluator.call(kernel.functions().getFirst(), List.of());
    }
  }

  /// The memory as the loops see it: pairs of narrow elements as integers.
  private static Tensor as(DType dtype, Tensor memory) {
    if (memory.dtype().bits() == dtype.bits()) {
      return memory;
    }
    long elements = memory.bytes() * Byte.SIZE / dtype.bits();
    return Tensor.wrap(dtype, memory.memory(), elements);
  }

  /// The parts that wrote and read each element of a memory.
  private static final class Touched {
    private final int[] writers;
    private final int[] readers;

    Touched(Tensor memory) {
      this.writers = new int[Math.toIntExact(memory.size())];
      this.readers = new int[writers.length];
      Arrays.fill(writers, NOBODY);
      Arrays.fill(readers, NOBODY);
    }
  }

  private void call(Function function, List<Long> args) {
    Map<String, Long> integers = new HashMap<>(sizes);
    for (int i = 0; i < args.size(); i++) {
      integers.put(function.params().get(i), args.get(i));
    }
    new Body(integers, new HashMap<>()).run(function.body());
  }

  private CompilerBug fault(String message) {
    return new CompilerBug("LoopEvaluator", kernel.name() + " " + message);
  }

  /// Element `at` of a buffer is read.
  private void read(int buffer, long at) {
    int place = place(buffer, at);
    Touched by = touched.get(buffer);
    if (by.writers[place] != NOBODY && by.writers[place] != part) {
      throw fault("reads in part " + part + " what another writes: " + at(buffer, at));
    }
    boolean alone = by.readers[place] == NOBODY || by.readers[place] == part;
    by.readers[place] = alone ? part : SEVERAL;
  }

  /// Element `at` of a buffer is written; `same` says that it holds the value already.
  private void write(int buffer, long at, boolean same) {
    int place = place(buffer, at);
    Touched by = touched.get(buffer);
    boolean read = by.readers[place] != NOBODY && by.readers[place] != part;
    boolean written = by.writers[place] != NOBODY && by.writers[place] != part;
    // Tiles at an end may lie over their neighbours and compute some elements twice.
    if (read || (written && !same)) {
      throw fault("writes in part " + part + " what another touches: " + at(buffer, at));
    }
    by.writers[place] = part;
  }

  private int place(int buffer, long at) {
    if (at < 0 || at >= memory.get(buffer).size()) {
      throw fault("goes outside " + at(buffer, at));
    }
    return (int) at;
  }

  private String at(int buffer, long at) {
    return kernel.buffers().get(buffer).name() + "[" + at + "]";
  }

  /// One body; what is declared in it ends with it, what it assigns stays.
  private final class Body {
    private final Map<String, Long> integers;
    private final Map<String, Local> values;

    Body(Map<String, Long> integers, Map<String, Local> values) {
      this.integers = integers;
      this.values = values;
    }

    void run(List<Statement> body) {
      body.forEach(this::run);
    }

    private Body inner() {
      return new Body(new HashMap<>(integers), new HashMap<>(values));
    }

    private void run(Statement statement) {
      switch (statement) {
        case Statement.For(String index, Dim from, Dim to, Dim step, List<Statement> body) -> {
          long last = integer(to);
          long by = integer(step);
          for (long i = integer(from); i < last; i += by) {
            Body inner = inner();
            inner.integers.put(index, i);
            inner.run(body);
          }
        }
        case Statement.Share(String from, String to, Dim count, List<Statement> body) -> {
          Body inner = inner();
          inner.integers.put(from, integer(count) * part / parts);
          inner.integers.put(to, integer(count) * (part + 1) / parts);
          inner.run(body);
        }
        case Statement.Int(String name, Dim value) -> integers.put(name, integer(value));
        case Statement.IntOf(String name, Expr value, Dim limit) -> {
          long last = Math.max(0, integer(limit) - 1);
          integers.put(name, Math.clamp(value(value).integers[0], 0, last));
        }
        case Statement.Let(String name, LoopKernel.Type type, Expr value) ->
            values.put(name, new Local(value(value)));
        case Statement.Assign(String name, Expr value) -> local(name).value = value(value);
        case Statement.Store(int buffer, Dim at, Expr value, Optional<Dim> below) ->
            store(buffer, integer(at), value(value), below.map(this::integer));
        case Statement.If(Expr condition, List<Statement> then, List<Statement> otherwise) ->
            inner().run(value(condition).integers[0] != 0 ? then : otherwise);
        case Statement.Call(String name, List<Dim> args) -> {
          Function function = functions.get(name);
          if (function == null) {
            throw fault("has no function " + name);
          }
          call(function, args.stream().map(this::integer).toList());
        }
      }
    }

    private Local local(String name) {
      Local local = values.get(name);
      if (local == null) {
        throw fault("has no local " + name + " here");
      }
      return local;
    }

    private long integer(Dim dim) {
      long value =
          dim.evaluate(symbol -> {
            Long known = integers.get(symbol);
            if (known == null) {
              throw fault("has no integer " + symbol + " here");
            }
            return known;
          });
      if (value != (int) value) {
        throw fault("computes " + dim + " = " + value + ", which is no int");
      }
      return value;
    }

    private Lanes value(Expr expr) {
      return switch (expr) {
        case Expr.Local(String name) -> local(name).value;
        case Expr.Constant(Elem.Literal literal) -> Lanes.of(literal, 1);
        case Expr.IndexValue(DType dtype, Dim value, Optional<Dim> stride) -> {
          long first = integer(value);
          long by = stride.map(this::integer).orElse(0L);
          Lanes out = Lanes.zeros(dtype, stride.isPresent() ? lanes : 1);
          for (int i = 0; i < out.count(); i++) {
            if (dtype.isFloat()) {
              out.reals[i] = ScalarMath.toReal(first + i * by, DType.I64, dtype);
            } else {
              out.integers[i] = dtype.wrap(first + i * by);
            }
          }
          yield out;
        }
        case Expr.Load(int buffer, Dim at) -> load(buffer, integer(at), 1, 1);
        case Expr.LoadVector(int buffer, Dim at, Optional<Dim> below) ->
            load(buffer, integer(at), lanes, below.map(this::integer).orElse((long) lanes));
        case Expr.Apply(ScalarFn fn, List<Expr> args) ->
            Lanes.apply(fn, args.stream().map(this::value).toList());
        case Expr.Cast(DType dtype, Expr arg) -> value(arg).cast(dtype);
        case Expr.Bits(DType dtype, Expr arg) -> value(arg).bits(dtype);
        case Expr.Splat(Expr scalar) -> value(scalar).splat(lanes);
        case Expr.JoinLanes(Reducer reducer, Expr vector) -> value(vector).join(reducer);
        case Expr.Head(Reducer reducer, Expr vector, Dim limit) ->
            value(vector).head(reducer, integer(limit));
      };
    }

    private Lanes load(int buffer, long at, int count, long below) {
      Tensor from = memory.get(buffer);
      Lanes out = Lanes.zeros(from.dtype(), count);
      for (int i = 0; i < Math.min(count, below); i++) {
        read(buffer, at + i);
        if (from.dtype().isFloat()) {
          out.reals[i] = from.getDouble(at + i);
        } else {
          out.integers[i] = from.getLong(at + i);
        }
      }
      return out;
    }

    private void store(int buffer, long at, Lanes value, Optional<Long> below) {
      Tensor to = memory.get(buffer);
      long count = Math.min(value.count(), below.orElse((long) value.count()));
      for (int i = 0; i < count; i++) {
        place(buffer, at + i);
        if (to.dtype().isFloat()) {
          double real = to.getDouble(at + i);
          to.setDouble(at + i, value.reals[i]);
          write(buffer, at + i, Double.compare(real, to.getDouble(at + i)) == 0);
        } else {
          long integer = to.getLong(at + i);
          to.setLong(at + i, value.integers[i]);
          write(buffer, at + i, integer == to.getLong(at + i));
        }
      }
    }
  }

  /// A local and what it holds now.
  private static final class Local {
    private Lanes value;

    Local(Lanes value) {
      this.value = value;
    }
  }
}
