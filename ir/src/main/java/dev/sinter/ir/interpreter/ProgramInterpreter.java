package dev.sinter.ir.interpreter;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.op.While;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.DimSource;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.Program.Step;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Shapes;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;

/// Runs a [Program] in the memory that the plan gives each buffer, its kernels by the
/// [TileEvaluator] or the [LoopEvaluator].
///
/// Memory is spoiled where the plan says that its content does not matter yet, so that a lifetime
/// that is too short shows.
public final class ProgramInterpreter {
  /// As wide as a 128-bit vector: the lanes for layouts that depend on them.
  private static final int LANES = 4;

  private final Program program;
  private final List<Executable> kernels;
  private final int lanes;
  private final Map<String, Long> sizes = new HashMap<>();
  private final Tensor[] memory;
  private final int[] root;
  private final int[] first;
  private int number;

  /// A kernel that can be run.
  ///
  /// @param sizes the names of its sizes, in the order in which a launch gives them
  private record Executable(List<String> sizes, BiConsumer<List<Tensor>, Bindings> run) {}

  private ProgramInterpreter(Program program, List<Executable> kernels, int lanes) {
    this.program = program;
    this.kernels = kernels;
    this.lanes = lanes;
    int count = program.buffers().size();
    this.memory = new Tensor[count];
    this.root = new int[count];
    this.first = new int[count];
  }

  /// Runs `program`.
  ///
  /// @param kernels the kernels by number
  /// @param arguments the caller's, row-major
  /// @param kept weights and states by name, row-major; states get their new content
  /// @return the results for the caller, row-major
  public static List<Tensor> run(
      Program program, List<TileKernel> kernels, List<Tensor> arguments, Map<String, Tensor> kept) {
    List<Executable> executables = new ArrayList<>();
    for (TileKernel kernel : kernels) {
      executables.add(
          new Executable(
              kernel.sizes(), (memory, sizes) -> TileEvaluator.run(kernel, memory, sizes)));
    }
    return new ProgramInterpreter(program, executables, LANES).run(arguments, kept);
  }

  /// Runs `program` as a machine would whose vectors have `lanes` lanes.
  ///
  /// @param kernels the kernels by number
  /// @param parts how many parts each launch is cut into
  /// @param arguments the caller's, row-major
  /// @param kept weights and states by name, row-major; states get their new content
  /// @return the results for the caller, row-major
  public static List<Tensor> run(
      Program program,
      List<LoopKernel> kernels,
      int lanes,
      int parts,
      List<Tensor> arguments,
      Map<String, Tensor> kept) {
    List<Executable> executables = new ArrayList<>();
    for (LoopKernel kernel : kernels) {
      executables.add(
          new Executable(
              kernel.sizes(),
              (memory, sizes) -> LoopEvaluator.run(kernel, memory, sizes, lanes, parts)));
    }
    return new ProgramInterpreter(program, executables, lanes).run(arguments, kept);
  }

  private List<Tensor> run(List<Tensor> arguments, Map<String, Tensor> kept) {
    sizes.put(LoopKernel.LANES, (long) lanes);
    for (DimSource dim : program.dims()) {
      switch (dim) {
        case DimSource.OfInput(String symbol, int input, int axis, Dim factor, Dim rest) ->
            solve(symbol, arguments.get(input).dim(axis), factor, rest);
        case DimSource.OfState(String symbol, String state, int axis, Dim factor, Dim rest) ->
            solve(symbol, Objects.requireNonNull(kept.get(state)).dim(axis), factor, rest);
        case DimSource.OfLoop _, DimSource.OfValue _ -> {}
      }
    }
    allocate();
    for (int i = 0; i < memory.length; i++) {
      switch (program.buffers().get(i).origin()) {
        case Origin.Input(int index) -> pack(arguments.get(index), i);
        case Origin.Weight(String name) -> pack(Objects.requireNonNull(kept.get(name)), i);
        case Origin.State(String name) -> pack(Objects.requireNonNull(kept.get(name)), i);
        case Origin.Constant(Tensor tensor) -> pack(tensor, i);
        case Origin.Output _, Origin.Temporary _ -> {}
      }
    }
    program.steps().forEach(this::step);
    Map<Integer, Tensor> results = new TreeMap<>();
    for (int i = 0; i < memory.length; i++) {
      switch (program.buffers().get(i).origin()) {
        case Origin.Output(int index) -> results.put(index, unpack(i));
        case Origin.State(String name) ->
            Objects.requireNonNull(kept.get(name)).copyFrom(unpack(i));
        case Origin.Input _, Origin.Weight _, Origin.Constant _, Origin.Temporary _ -> {}
      }
    }
    return List.copyOf(results.values());
  }

  private void solve(String symbol, long size, Dim factor, Dim rest) {
    sizes.put(symbol, (size - bindings().evaluate(rest)) / bindings().evaluate(factor));
  }

  private void allocate() {
    long[] elements = new long[memory.length];
    for (int i = 0; i < memory.length; i++) {
      Program.Buffer b = program.buffers().get(i);
      root[i] = b.alias().isPresent() ? root[b.alias().get()] : i;
      first[i] = b.live().first();
      first[root[i]] = Math.min(first[root[i]], b.live().first());
      elements[root[i]] =
          Math.max(
              elements[root[i]],
              bindings().evaluate(program.bounds().most(b.layout().size(b.shape()))));
    }
    for (int i = 0; i < memory.length; i++) {
      if (root[i] == i) {
        memory[i] = Tensor.zeros(program.buffers().get(i).storage(), elements[i]);
      }
      Tensor whole = memory[root[i]];
      Program.Buffer buffer = program.buffers().get(i);
      if (whole.dtype().bits() != buffer.storage().bits()) {
        throw new CompilerBug("plan", buffer.name() + " lies among elements of another size");
      }
      memory[i] =
          whole.dtype() == buffer.storage()
              ? whole
              : Tensor.wrap(buffer.storage(), whole.memory(), whole.shape());
    }
  }

  private Bindings bindings() {
    return new Bindings(sizes);
  }

  /// Steps are counted as in [Program.Lifetime].
  private void step(Step step) {
    int now = number++;
    spoil(b -> first[b] == now && isInside(b));
    switch (step) {
      case Step.Launch launch -> launch(launch);
      case Step.Blocks blocks -> {
        long count = bindings().evaluate(blocks.count());
        for (long block = 0; block < count; block++) {
          sizes.put(blocks.block(), block);
          for (Step.Blocks.Index index : blocks.indices()) {
            sizes.put(index.symbol(), bindings().evaluate(index.value()));
          }
          spoil(b -> program.buffers().get(b).origin().equals(new Origin.Temporary(true)));
          blocks.body().forEach(this::launch);
        }
      }
      case Step.Extern extern -> sort(extern);
      case Step.Measure(String symbol, int buffer) -> {
        Dim bound = Objects.requireNonNull(program.bounds().bounds().get(symbol));
        long most = bindings().evaluate(bound);
        sizes.put(symbol, Math.clamp(memory[buffer].getLong(0), 0, most));
      }
      case Step.If choice -> {
        boolean yes = memory[choice.condition()].getLong(0) != 0;
        int after = number + count(choice.then()) + count(choice.otherwise());
        number += yes ? 0 : count(choice.then());
        (yes ? choice.then() : choice.otherwise()).forEach(this::step);
        number = after;
      }
      case Step.Repeat repeat -> {
        int begin = number;
        long turns = bindings().evaluate(repeat.count());
        for (long turn = 0; turn < turns; turn++) {
          number = begin;
          sizes.put(repeat.turn(), turn);
          repeat.body().forEach(this::step);
        }
        number = begin + count(repeat.body()) + 1;
      }
      case Step.While loop -> {
        int begin = number;
        loop.test().forEach(this::step);
        for (long turn = 0;
            (loop.fails() || turn < loop.limit()) && memory[loop.condition()].getLong(0) != 0;
            turn++) {
          if (turn == loop.limit()) {
            throw While.endless(program.name(), turn);
          }
          loop.body().forEach(this::step);
          number = begin;
          loop.test().forEach(this::step);
        }
        number = begin + count(loop.test()) + count(loop.body()) + 1;
      }
    }
  }

  private static int count(List<Step> steps) {
    int count = 0;
    for (Step step : steps) {
      count +=
          switch (step) {
            case Step.Launch _, Step.Blocks _, Step.Extern _, Step.Measure _ -> 1;
            case Step.If choice -> 1 + count(choice.then()) + count(choice.otherwise());
            case Step.Repeat repeat -> 2 + count(repeat.body());
            case Step.While loop -> 2 + count(loop.test()) + count(loop.body());
          };
    }
    return count;
  }

  /// Whether the steps make all that a buffer holds.
  private boolean isInside(int buffer) {
    return switch (program.buffers().get(buffer).origin()) {
      case Origin.Temporary _, Origin.Output _ -> true;
      case Origin.Input _, Origin.Weight _, Origin.Constant _, Origin.State _ -> false;
    };
  }

  /// Overwrites memory whose content nobody may rely on.
  private void spoil(IntPredicate buffers) {
    for (int i = 0; i < memory.length; i++) {
      if (root[i] == i && buffers.test(i)) {
        boolean real = memory[i].dtype().isFloat();
        for (long e = 0; e < memory[i].size(); e++) {
          if (real) {
            memory[i].setDouble(e, Double.NaN);
          } else {
            memory[i].setLong(e, -1);
          }
        }
      }
    }
  }

  private void launch(Step.Launch launch) {
    Executable kernel = kernels.get(launch.kernel());
    Map<String, Long> own = new HashMap<>();
    own.put(LoopKernel.LANES, (long) lanes);
    for (int i = 0; i < launch.sizes().size(); i++) {
      own.put(kernel.sizes().get(i), bindings().evaluate(launch.sizes().get(i)));
    }
    List<Tensor> buffers = new ArrayList<>();
    launch.buffers().forEach(b -> buffers.add(memory[b]));
    kernel.run().accept(buffers, new Bindings(own));
  }

  private void sort(Step.Extern extern) {
    Numbers x = Numbers.of(unpack(extern.buffers().getFirst()), dtype(extern.buffers().getFirst()));
    List<Numbers> results = Sorting.descending(x);
    for (int i = 0; i < results.size(); i++) {
      pack(results.get(i).tensor(false), extern.buffers().get(i + 1));
    }
  }

  private DType dtype(int buffer) {
    return program.buffers().get(buffer).dtype();
  }

  private void pack(Tensor from, int buffer) {
    copy(buffer, (linear, place) -> move(from, linear, memory[buffer], place));
  }

  private Tensor unpack(int buffer) {
    long[] shape = bindings().shape(program.buffers().get(buffer).shape());
    Tensor out = Tensor.zeros(dtype(buffer), shape);
    copy(buffer, (linear, place) -> move(memory[buffer], place, out, linear));
    return out;
  }

  private interface Move {
    void element(long linear, long place);
  }

  /// Walks through a buffer's elements: the row-major place, and the one in the layout.
  private void copy(int buffer, Move move) {
    Program.Buffer b = program.buffers().get(buffer);
    long[] shape = bindings().shape(b.shape());
    long size = Shapes.size(shape);
    for (long linear = 0; linear < size; linear++) {
      List<Dim> index = new ArrayList<>();
      long rest = linear;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        index.addFirst(Dim.of(rest % shape[axis]));
        rest /= shape[axis];
      }
      move.element(linear, bindings().evaluate(b.layout().offset(b.shape(), index)));
    }
  }

  private static void move(Tensor from, long source, Tensor to, long target) {
    if (from.dtype().isFloat()) {
      to.setDouble(target, from.getDouble(source));
    } else {
      to.setLong(target, from.getLong(source));
    }
  }
}
