package dev.sinter.testkit;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Graph;
import dev.sinter.ir.Node;
import dev.sinter.ir.Op;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.RuntimeSize;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.ir.op.Reduce;
import dev.sinter.ir.text.GraphPrinter;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// Random graphs of all ops, with inputs for which every value is finite and of moderate size.
///
/// The same seed gives the same graph. Sizes are small constants and the symbols `N` and `M`.
public final class RandomGraphs {
  private static final int MOST_ELEMENTS = 400;
  private static final double LARGEST = 100;
  private static final int TRIES = 60;
  private static final String RUNTIME_SIZE = "runtime_size";

  /// How far from a kink smooth graphs stay.
  private static final double STEP = 0.02;

  private final Options options;
  private final Random random;
  private Bindings bindings;
  private final List<Drawn> pool = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();

  /// What graphs are wanted.
  ///
  /// @param nodes how many nodes
  /// @param smooth whether all functions are kept away from kinks and jumps, and what jumps is left
  ///   out, so that differences show the derivative
  /// @param floats the float type of the inputs
  /// @param ops which ops, by mnemonic
  public record Options(int nodes, boolean smooth, DType floats, Predicate<String> ops) {
    /// Graphs of `nodes` nodes, in `f32`, of all ops.
    public static Options of(int nodes) {
      return new Options(nodes, false, DType.F32, op -> true);
    }

    /// Graphs to derive, in `f64`.
    public static Options smooth(int nodes) {
      return new Options(nodes, true, DType.F64, op -> true);
    }
  }

  /// A graph and inputs for it, in its order.
  public record Sample(Graph graph, List<Tensor> inputs) {
    /// The graph as text, and the inputs' types.
    @Override
    public String toString() {
      return GraphPrinter.print(graph) + "// on " + inputs;
    }
  }

  /// A value, what it is for the inputs, and whether it is an input.
  private record Drawn(Value value, Tensor tensor, boolean input) {}

  private RandomGraphs(long seed, Options options) {
    this.options = options;
    this.random = new Random(seed);
    this.bindings = new Bindings(Map.of("N", random.nextLong(1, 6), "M", random.nextLong(2, 5)));
  }

  /// The graph of this seed.
  public static Sample sample(long seed, Options options) {
    return new RandomGraphs(seed, options).draw();
  }

  private Sample draw() {
    RandomOps ops = new RandomOps(random, bindings, this::pick, options.floats());
    List<String> wanted =
        Stream.concat(ops.mnemonics().stream(), Stream.of(RUNTIME_SIZE))
            .filter(options.ops())
            .filter(op -> !options.smooth() || !op.equals(RUNTIME_SIZE))
            .sorted()
            .toList();
    // The first inputs say what the symbols are.
    for (List<Dim> shape :
        List.of(
            List.of(Dim.symbol("N"), Dim.symbol("M")),
            List.of(Dim.symbol("N"), Dim.of(random.nextLong(1, 9))),
            List.<Dim>of())) {
      RandomOps.Input input = ops.input(new TensorType(options.floats(), shape));
      pool.add(new Drawn(input.value(), input.tensor(), true));
    }
    for (int i = 0; nodes.size() < options.nodes() && i < TRIES * options.nodes(); i++) {
      String mnemonic = wanted.get(random.nextInt(wanted.size()));
      if (mnemonic.equals(RUNTIME_SIZE) || (!options.smooth() && i == 2)) {
        tellSize(ops);
      } else {
        ops.draw(mnemonic).ifPresent(this::consider);
      }
    }
    return assemble();
  }

  /// A size that data tells, sometimes 0, and a value cut to it.
  private void tellSize(RandomOps ops) {
    Optional<Value> whole = pick(t -> t.rank() >= 1 && t.rank() <= 3);
    if (whole.isEmpty() || !options.ops().test(RUNTIME_SIZE)) {
      return;
    }
    Dim bound = whole.get().type().dim(0);
    Tensor marks = Tensor.zeros(DType.I64, bindings.evaluate(bound));
    long told = 0;
    long often = random.nextLong(4);
    for (int i = 0; i < marks.size(); i++) {
      marks.setLong(i, random.nextLong(3) < often ? 1 : 0);
      told += marks.getLong(i);
    }
    if (RuntimeSize.isIn(bound)) {
      return;
    }
    String symbol = RuntimeSize.PREFIX + "n" + nodes.size();
    Value marked = Value.parameter(TensorType.of(DType.I64, bound), "marked");
    pool.add(new Drawn(marked, marks, true));
    Op sum = new Reduce(Reducer.SUM, List.of(0), DType.I64);
    Node count = new Node(sum, List.of(marked), List.of(), "count", Span.NONE);
    nodes.add(count);
    nodes.add(new Node(new RuntimeSize(symbol, bound), count.results(), List.of(), "", Span.NONE));
    bindings = bindings.and(symbol, told);
    ops.bind(bindings);
    List<Axis> axes = new ArrayList<>();
    List<Dim> at = new ArrayList<>();
    for (Dim dim : whole.get().type().shape()) {
      Axis axis = new Axis("%" + axes.size(), axes.isEmpty() ? Dim.symbol(symbol) : dim);
      axes.add(axis);
      at.add(axis.index());
    }
    consider(
        new RandomOps.Candidate(
            new Comprehension(axes, Elem.read(0, at)), List.of(whole.get()), List.of(), List.of()));
  }

  /// A value of the graph so far of which `wanted` holds, later ones more often; or none.
  private Optional<Value> pick(Predicate<TensorType> wanted) {
    List<Value> fits = pool.stream().map(Drawn::value).filter(v -> wanted.test(v.type())).toList();
    if (fits.isEmpty()) {
      return Optional.empty();
    }
    int first = random.nextInt(fits.size());
    return Optional.of(fits.get(random.nextInt(first, fits.size())));
  }

  private Tensor tensor(Value value, List<RandomOps.Input> fresh) {
    for (RandomOps.Input input : fresh) {
      if (input.value() == value) {
        return input.tensor();
      }
    }
    return pool.stream()
        .filter(d -> d.value() == value)
        .map(Drawn::tensor)
        .findFirst()
        .orElseThrow();
  }

  /// Takes the node if its results are small, finite, and smooth where that is wanted.
  private void consider(RandomOps.Candidate candidate) {
    Node node;
    try {
      node =
          new Node(
              candidate.op(),
              candidate.operands(),
              candidate.regions(),
              candidate.op().mnemonic(),
              Span.NONE);
    } catch (OpException e) {
      return;
    }
    List<Tensor> operands =
        candidate.operands().stream().map(v -> tensor(v, candidate.fresh())).toList();
    // A window over an axis that data makes 0 long would leave less than nothing.
    boolean possible =
        node.results().stream()
            .flatMapToLong(r -> Arrays.stream(bindings.shape(r.type().shape())))
            .allMatch(dim -> dim >= 0);
    if (!possible
        || node.results().stream().anyMatch(r -> size(r.type()) > MOST_ELEMENTS)
        || !shiftsInRange(node, operands)) {
      return;
    }
    List<Tensor> results;
    try {
      results = Interpreter.rounding().run(alone(node), operands, bindings);
    } catch (IllegalArgumentException e) {
      // A function that has no meaning for these types.
      return;
    }
    if (!results.stream().allMatch(RandomGraphs::isModerate)
        || (options.smooth() && !isSmooth(node, operands))) {
      return;
    }
    for (RandomOps.Input input : candidate.fresh()) {
      pool.add(new Drawn(input.value(), input.tensor(), true));
    }
    nodes.add(node);
    for (int i = 0; i < results.size(); i++) {
      pool.add(new Drawn(node.result(i), results.get(i), false));
    }
  }

  private double size(TensorType type) {
    double size = 1;
    for (long dim : bindings.shape(type.shape())) {
      size *= dim;
    }
    return size;
  }

  /// A region of the node alone, with its operands as parameters.
  private static Region alone(Node node) {
    List<Value> params = new ArrayList<>();
    for (Value operand : node.operands()) {
      params.add(Value.parameter(operand.type(), "p"));
    }
    Node copy = new Node(node.op(), params, node.regions(), "", Span.NONE);
    return new Region(params, List.of(copy), copy.results());
  }

  private static boolean shiftsInRange(Node node, List<Tensor> operands) {
    if (node.op() != Pointwise.SHL && node.op() != Pointwise.SHR) {
      return true;
    }
    Tensor amount = operands.get(1);
    for (int i = 0; i < amount.size(); i++) {
      long shift = amount.getLong(i);
      if (shift < 0 || shift >= amount.dtype().bits()) {
        return false;
      }
    }
    return true;
  }

  private static boolean isModerate(Tensor tensor) {
    if (!tensor.dtype().isFloat()) {
      return true;
    }
    for (double x : tensor.toDoubleArray()) {
      if (!(Math.abs(x) <= LARGEST)) {
        return false;
      }
    }
    return true;
  }

  /// Whether the node's float results bend only gently between points near its operands.
  private boolean isSmooth(Node node, List<Tensor> operands) {
    if (node.results().stream().noneMatch(r -> r.type().dtype().isFloat())) {
      return operands.stream().noneMatch(t -> t.dtype().isFloat());
    }
    Region region = alone(node);
    List<Tensor> middle = Interpreter.exact().run(region, operands, bindings);
    for (int trial = 0; trial < 3; trial++) {
      List<Tensor> above = new ArrayList<>();
      List<Tensor> below = new ArrayList<>();
      for (Tensor operand : operands) {
        Tensor up = wide(operand);
        Tensor down = wide(operand);
        for (int i = 0; operand.dtype().isFloat() && i < operand.size(); i++) {
          double by = random.nextBoolean() ? STEP : -STEP;
          up.setDouble(i, up.getDouble(i) + by);
          down.setDouble(i, down.getDouble(i) - by);
        }
        above.add(up);
        below.add(down);
      }
      List<Tensor> high = Interpreter.exact().run(region, above, bindings);
      List<Tensor> low = Interpreter.exact().run(region, below, bindings);
      for (int r = 0; r < middle.size(); r++) {
        if (!bendsGently(middle.get(r), high.get(r), low.get(r))) {
          return false;
        }
      }
    }
    return true;
  }

  private static Tensor wide(Tensor tensor) {
    return tensor.dtype().isFloat()
        ? Tensor.of(DType.F64, tensor.toDoubleArray(), tensor.shape())
        : tensor.copy();
  }

  /// A kink bends by the step times the change of slope, a curve by the square of the step; a jump
  /// has a slope beyond all others.
  private static boolean bendsGently(Tensor middle, Tensor high, Tensor low) {
    for (int i = 0; i < middle.size(); i++) {
      double bend = Math.abs(high.getDouble(i) + low.getDouble(i) - 2 * middle.getDouble(i));
      double rise = Math.abs(high.getDouble(i) - low.getDouble(i));
      if (!(bend <= STEP / 4 && rise <= 50 * STEP)) {
        return false;
      }
    }
    return true;
  }

  private Sample assemble() {
    Set<Value> used = new HashSet<>();
    nodes.forEach(node -> used.addAll(node.operands()));
    List<Drawn> inputs = pool.stream().filter(Drawn::input).toList();
    Map<Graph.Output, Value> outputs = new LinkedHashMap<>();
    for (Drawn drawn : pool) {
      if (!drawn.input() && (!used.contains(drawn.value()) || random.nextInt(5) == 0)) {
        outputs.put(new Graph.Output("y" + outputs.size(), Graph.Role.ARGUMENT), drawn.value());
      }
    }
    List<Graph.Input> roles = new ArrayList<>();
    for (Drawn drawn : inputs) {
      roles.add(new Graph.Input("x" + roles.size(), role(drawn.value(), roles.size(), outputs)));
    }
    Region body =
        new Region(
            inputs.stream().map(Drawn::value).toList(), nodes, List.copyOf(outputs.values()));
    Graph graph = new Graph("random", roles, List.copyOf(outputs.keySet()), body, Facts.NONE);
    return new Sample(graph, inputs.stream().map(Drawn::tensor).toList());
  }

  /// A weight may have no symbol; a state goes out again as some value of its type.
  private Graph.Role role(Value input, int number, Map<Graph.Output, Value> outputs) {
    boolean constant = input.type().shape().stream().allMatch(Dim::isConstant);
    if (constant && random.nextInt(3) == 0) {
      return Graph.Role.WEIGHT;
    }
    List<Value> next =
        pool.stream()
            .filter(d -> !d.input() && d.value().type().equals(input.type()))
            .map(Drawn::value)
            .toList();
    if (!next.isEmpty() && random.nextInt(3) == 0) {
      outputs.put(
          new Graph.Output("x" + number, Graph.Role.STATE), next.get(random.nextInt(next.size())));
      return Graph.Role.STATE;
    }
    return Graph.Role.ARGUMENT;
  }
}
