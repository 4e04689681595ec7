package dev.sinter.ir.program;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.SizeBounds;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// One entry point, lowered: buffers, the steps that fill them, and when each is alive. Emitters
/// print this and decide nothing.
///
/// A buffer's sizes may depend on what a run tells; its memory is planned for the most that they
/// can be ([#bounds]).
///
/// @param name the entry's name
/// @param dims every symbol in the sizes, in an order in which each is known before it is used
/// @param buffers all memory, in the order of their numbers
/// @param steps in the order in which they run
/// @param facts what the symbols have to satisfy, checked when a session binds them
public record Program(
    String name, List<DimSource> dims, List<Buffer> buffers, List<Step> steps, Facts facts) {
  public Program {
    dims = List.copyOf(dims);
    buffers = List.copyOf(buffers);
    steps = List.copyOf(steps);
  }

  /// All steps in the order in which they are written, each before those inside it.
  public List<Step> allSteps() {
    List<Step> all = new ArrayList<>();
    collect(steps, all);
    return all;
  }

  /// The buffer whose memory another lies in: the first of its aliases.
  public int root(int buffer) {
    int root = buffer;
    while (buffers.get(root).alias().isPresent()) {
      root = buffers.get(root).alias().get();
    }
    return root;
  }

  /// The most that the sizes can be which data tells.
  public SizeBounds bounds() {
    Map<String, Dim> bounds = new LinkedHashMap<>();
    for (DimSource source : dims) {
      if (source instanceof DimSource.OfValue(String symbol, Dim bound)) {
        bounds.put(symbol, bound);
      }
    }
    return new SizeBounds(bounds);
  }

  private static void collect(List<Step> steps, List<Step> all) {
    for (Step step : steps) {
      all.add(step);
      switch (step) {
        case Step.Launch _, Step.Blocks _, Step.Extern _, Step.Measure _ -> {}
        case Step.If choice -> {
          collect(choice.then(), all);
          collect(choice.otherwise(), all);
        }
        case Step.Repeat repeat -> collect(repeat.body(), all);
        case Step.While loop -> {
          collect(loop.test(), all);
          collect(loop.body(), all);
        }
      }
    }
  }

  /// Those of [#allSteps()] that all threads share; the runtime knows each by its number, counted
  /// over all programs of a model.
  public List<Step> parallelSteps() {
    return allSteps().stream()
        .filter(step ->
            step instanceof Step.Launch
                || step instanceof Step.Blocks
                || step instanceof Step.Extern)
        .toList();
  }

  /// The launches among [#allSteps()] and in their blocks.
  public List<Step.Launch> launches() {
    List<Step.Launch> launches = new ArrayList<>();
    for (Step step : allSteps()) {
      switch (step) {
        case Step.Launch launch -> launches.add(launch);
        case Step.Blocks blocks -> launches.addAll(blocks.body());
        case Step.Extern _, Step.Measure _, Step.If _, Step.Repeat _, Step.While _ -> {}
      }
    }
    return launches;
  }

  /// Where the value of a symbol comes from.
  ///
  /// A size that somebody gives is `factor * symbol + rest`, over symbols that are known before;
  /// that there is such a symbol is checked when a session binds the sizes.
  public sealed interface DimSource {
    /// The symbol.
    String symbol();

    /// A size of an input.
    record OfInput(String symbol, int input, int axis, Dim factor, Dim rest) implements DimSource {
      /// A size that is the symbol itself.
      public OfInput(String symbol, int input, int axis) {
        this(symbol, input, axis, Dim.ONE, Dim.ZERO);
      }
    }

    /// A size of a state, as it is when the call begins.
    record OfState(String symbol, String state, int axis, Dim factor, Dim rest)
        implements DimSource {}

    /// The turn of a loop.
    record OfLoop(String symbol) implements DimSource {}

    /// A value that a [Step.Measure] reads.
    ///
    /// @param bound the most that it can be, over symbols before it
    record OfValue(String symbol, Dim bound) implements DimSource {}
  }

  /// A piece of memory.
  ///
  /// @param name the name for people
  /// @param dtype the element type
  /// @param shape the logical sizes
  /// @param layout where the elements lie
  /// @param origin what it holds when the entry starts or ends
  /// @param alias the number of an earlier buffer whose memory it shares, because it is a value
  ///   written in place of it, or the same elements under other sizes
  /// @param live when the content matters
  public record Buffer(
      String name,
      DType dtype,
      List<Dim> shape,
      Layout layout,
      Origin origin,
      Optional<Integer> alias,
      Lifetime live) {
    public Buffer {
      shape = List.copyOf(shape);
    }

    /// The element type and logical sizes.
    public TensorType type() {
      return new TensorType(dtype, shape);
    }

    /// The element type in memory.
    public DType storage() {
      return layout.storage(dtype);
    }

    /// The same buffer in another layout.
    public Buffer in(Layout other) {
      return new Buffer(name, dtype, shape, other, origin, alias, live);
    }

    /// The same buffer with another lifetime.
    public Buffer during(Lifetime other) {
      return new Buffer(name, dtype, shape, layout, origin, alias, other);
    }
  }

  /// The steps from the first to the last, both included, in which a buffer's content matters.
  ///
  /// Steps are numbered as they are written, an outer one before those inside it; a loop has one
  /// more number after its last inner step, at which its turn ends. What lives across turns lives
  /// from the loop's own number to that one.
  public record Lifetime(int first, int last) {
    /// Whether both are alive in some step.
    public boolean meets(Lifetime other) {
      return first <= other.last && other.first <= last;
    }
  }

  /// Where a buffer's content comes from or goes to.
  public sealed interface Origin {
    /// The caller's argument number `index`, of those that the caller gives.
    record Input(int index) implements Origin {}

    /// The caller's result number `index`, of those that go to the caller.
    record Output(int index) implements Origin {}

    /// A weight, packed at load.
    record Weight(String name) implements Origin {}

    /// Data of the model's own, in row-major order, packed at load as a weight is.
    record Constant(Tensor tensor) implements Origin {}

    /// A state of the session: the old value, and in the same memory the new one.
    record State(String name) implements Origin {}

    /// Filled by a step.
    ///
    /// @param ofEachThread whether each thread has one of its own, since it is filled and used up
    ///   within a block of a [Step.Blocks]
    record Temporary(boolean ofEachThread) implements Origin {
      /// One that all threads share.
      public Temporary() {
        this(false);
      }
    }
  }

  /// What was estimated when ops were made one kernel, for people.
  ///
  /// @param bytesSaved the bytes that would go through memory besides, were each op a kernel of its
  ///   own
  /// @param nanoseconds what the kernel takes with one thread, about, at typical sizes
  /// @param nanosecondsSaved what the ops would take besides, were each a kernel of its own
  /// @param again the ops that another kernel computes too, to spare storing what they make
  public record Fusion(
      Dim bytesSaved, double nanoseconds, double nanosecondsSaved, List<String> again) {
    /// Of a kernel that is no group of ops.
    public static final Fusion NONE = new Fusion(Dim.ZERO, 0, 0, List.of());

    public Fusion {
      again = List.copyOf(again);
    }
  }

  /// What happens.
  public sealed interface Step {
    /// This step with each list of steps inside it changed; itself where it has none. What a
    /// [Blocks] runs is no list of steps.
    default Step withBodies(UnaryOperator<List<Step>> change) {
      return switch (this) {
        case Launch _, Blocks _, Extern _, Measure _ -> this;
        case If(int condition, var then, var otherwise) ->
            new If(condition, change.apply(then), change.apply(otherwise));
        case Repeat(String turn, Dim count, var body) ->
            new Repeat(turn, count, change.apply(body));
        case While(int condition, long limit, boolean fails, var test, var body) ->
            new While(condition, limit, fails, change.apply(test), change.apply(body));
      };
    }

    /// Runs a kernel.
    ///
    /// @param kernel its number in the [ProgramSet]
    /// @param buffers the buffer for each of the kernel's
    /// @param sizes the value of each of the kernel's sizes
    /// @param spans the lines of the model that the kernel computes
    /// @param fusion why these ops are one kernel
    record Launch(
        int kernel, List<Integer> buffers, List<Dim> sizes, List<Span> spans, Fusion fusion)
        implements Step {
      public Launch {
        buffers = List.copyOf(buffers);
        sizes = List.copyOf(sizes);
        spans = List.copyOf(spans);
      }
    }

    /// Runs all of its launches for each of `count` blocks, which are shared among the threads:
    /// block by block, each launch by one thread. What the launches hand to one another within a
    /// block is temporary memory of each thread. It is one step.
    ///
    /// @param block the symbol that is the number of the block
    /// @param indices what the sizes of the launches call numbers that the block has, each over the
    ///   symbols before it
    record Blocks(String block, Dim count, List<Index> indices, List<Launch> body) implements Step {
      public Blocks {
        indices = List.copyOf(indices);
        body = List.copyOf(body);
      }

      /// A number that differs from block to block.
      public record Index(String symbol, Dim value) {}

      /// The launches of the first block; no other has larger ones.
      public List<Launch> inFirst() {
        Map<String, Dim> values = new LinkedHashMap<>(Map.of(block, Dim.ZERO));
        indices.forEach(index -> values.put(index.symbol(), index.value().substitute(values)));
        return body.stream()
            .map(launch ->
                new Launch(
                    launch.kernel(),
                    launch.buffers(),
                    launch.sizes().stream().map(size -> size.substitute(values)).toList(),
                    launch.spans(),
                    launch.fusion()))
            .toList();
      }
    }

    /// Runs an algorithm of the runtime's closed list; the buffers are the operands', then the
    /// results'.
    record Extern(dev.sinter.ir.Extern extern, List<Integer> buffers, Span span) implements Step {}

    /// Reads a size from the scalar `i64` in a buffer and moves it into `0 .. bound` of its
    /// [DimSource.OfValue].
    record Measure(String symbol, int buffer) implements Step {}

    /// Runs one of two bodies by a scalar bool in a buffer.
    record If(int condition, List<Step> then, List<Step> otherwise) implements Step {}

    /// Runs the body `count` times; the turn is the symbol `turn`.
    record Repeat(String turn, Dim count, List<Step> body) implements Step {}

    /// Runs `test`, then, while the scalar bool in `condition` holds and fewer than `limit` turns
    /// have passed, `body` and `test`. If it `fails`, it does not end after them but throws.
    record While(int condition, long limit, boolean fails, List<Step> test, List<Step> body)
        implements Step {}
  }
}
