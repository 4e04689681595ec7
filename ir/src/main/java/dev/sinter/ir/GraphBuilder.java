package dev.sinter.ir;

import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Builds a region node by node.
///
/// A nested builder may use values of the builders around it: each becomes a parameter of the
/// nested region, and [#captured] says which values have to be passed in.
public final class GraphBuilder {
  private final @Nullable GraphBuilder outer;
  private final List<Value> params = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<Value, Value> local = new HashMap<>();
  private final Map<Value, Value> captures = new LinkedHashMap<>();
  private final Map<Elem.Literal, Map<List<Dim>, Value>> fills = new HashMap<>();
  private final Set<String> sizes = new HashSet<>();
  private Span span = Span.NONE;
  private String name = "";

  /// A builder of a graph's body.
  public GraphBuilder() {
    this(null);
  }

  private GraphBuilder(@Nullable GraphBuilder outer) {
    this.outer = outer;
  }

  /// A builder of a region inside this one, with the same span.
  public GraphBuilder nested() {
    GraphBuilder inner = new GraphBuilder(this);
    inner.span = span;
    inner.name = name;
    return inner;
  }

  /// From now on nodes come from `span`; answers the span before.
  public Span at(Span span) {
    Span before = this.span;
    this.span = span;
    return before;
  }

  /// From now on results that are given no name have this one; answers the one before.
  public String named(String name) {
    String before = this.name;
    this.name = name;
    return before;
  }

  /// Adds a parameter.
  public Value parameter(TensorType type, String name) {
    Value value = Value.parameter(type, name);
    params.add(value);
    local.put(value, value);
    return value;
  }

  /// Adds a parameter that another region has: the new region is to stand in its place.
  public void parameter(Value value) {
    params.add(value);
    local.put(value, value);
  }

  /// Adds a node with one result.
  public Value add(Op op, Value... operands) {
    return add(op, Arrays.asList(operands), List.of(), "").result();
  }

  /// Adds a node.
  ///
  /// @param name the results' name for people; may be empty
  /// @throws OpException if the operands do not fit
  public Node add(Op op, List<Value> operands, List<Region> regions, String name) {
    String known = name.isEmpty() ? this.name : name;
    Node node = new Node(op, operands.stream().map(this::use).toList(), regions, known, span);
    append(node);
    return node;
  }

  /// Adds a node that was made elsewhere of values that this builder has.
  public void append(Node node) {
    nodes.add(node);
    node.results().forEach(result -> local.put(result, result));
  }

  /// The nodes added so far, in order.
  public List<Node> nodes() {
    return List.copyOf(nodes);
  }

  /// The value under which this builder knows `value`, captured from around it if need be.
  public Value use(Value value) {
    Value known = local.get(value);
    if (known != null) {
      return known;
    }
    if (outer == null) {
      throw new IllegalArgumentException(value + " belongs to another graph");
    }
    // A value from further out is the one that the builder around this one knows it as.
    Value passed = outer.use(value);
    Value parameter = local.get(passed);
    if (parameter == null) {
      parameter = Value.parameter(value.type(), value.name());
      params.add(parameter);
      local.put(parameter, parameter);
      local.put(passed, parameter);
      captures.put(passed, parameter);
    }
    local.put(value, parameter);
    return parameter;
  }

  /// The values of the builder around this one that the region needs as its last parameters.
  public List<Value> captured() {
    return List.copyOf(captures.keySet());
  }

  /// The region with everything added so far; parameters made by [#parameter] come first.
  public Region region(List<Value> results) {
    List<Value> outs = results.stream().map(this::use).toList();
    List<Value> ordered = new ArrayList<>(params);
    ordered.removeAll(captures.values());
    ordered.addAll(captures.values());
    return new Region(ordered, nodes, outs);
  }

  /// The same with the captured values' parameters in the order of `outside`, which names each
  /// once.
  public Region region(List<Value> results, List<Value> outside) {
    List<Value> outs = results.stream().map(this::use).toList();
    List<Value> ordered = new ArrayList<>(params);
    ordered.removeAll(captures.values());
    outside.forEach(value -> ordered.add(use(value)));
    return new Region(ordered, nodes, outs);
  }

  /// Copies the nodes of `region` into this builder with its parameters replaced by `arguments`.
  ///
  /// @return the values that the region's results have become
  public List<Value> inline(Region region, List<Value> arguments) {
    Map<Value, Value> map = new HashMap<>();
    for (int i = 0; i < arguments.size(); i++) {
      map.put(region.params().get(i), use(arguments.get(i)));
    }
    for (Node node : region.nodes()) {
      Span before = at(node.span());
      Node copy =
          add(
              node.op(),
              node.operands().stream()
                  .map(v -> java.util.Objects.requireNonNull(map.get(v)))
                  .toList(),
              node.regions(),
              node.results().isEmpty() ? "" : node.result(0).name());
      at(before);
      for (int i = 0; i < copy.results().size(); i++) {
        map.put(node.result(i), copy.result(i));
      }
    }
    return region.results().stream()
        .map(v -> java.util.Objects.requireNonNull(map.get(v)))
        .toList();
  }

  /// A tensor whose every element is `literal`.
  public Value fill(Elem.Literal literal, List<Dim> shape) {
    return fills
        .computeIfAbsent(literal, l -> new HashMap<>())
        .computeIfAbsent(
            shape,
            s ->
                add(
                    new dev.sinter.ir.op.Fill(
                        literal.dtype(), literal.real(), literal.integer(), s)));
  }

  /// A tensor of `type` whose every element is `value`.
  public Value fill(TensorType type, double value) {
    return fill((Elem.Literal) Elem.literal(type.dtype(), value), type.shape());
  }

  /// A tensor of `type` whose every element is the value of `number`.
  public Value fill(TensorType type, Dim number) {
    if (number.isConstant()) {
      return fill((Elem.Literal) Elem.literal(type.dtype(), number.constant()), type.shape());
    }
    AxisNames fresh = new AxisNames();
    List<Axis> axes = type.shape().stream().map(fresh::axis).toList();
    return add(new dev.sinter.ir.op.Comprehension(axes, new Elem.IndexValue(type.dtype(), number)));
  }

  /// A size that data tells: the value of `count`, an `i64[]`, which is at most `bound`. What is
  /// computed in the same way is the same size.
  ///
  /// @param name of its symbol, for people
  public Dim size(String name, Value count, Dim bound) {
    for (Node node : nodes) {
      if (node.op() instanceof RuntimeSize size
          && size.bound().equals(bound)
          && isSame(node.operand(0), use(count), new HashSet<>())) {
        return Dim.symbol(size.symbol());
      }
    }
    GraphBuilder root = this;
    while (root.outer != null) {
      root = root.outer;
    }
    String symbol = RuntimeSize.PREFIX + name;
    for (int i = 2; !root.sizes.add(symbol); i++) {
      symbol = RuntimeSize.PREFIX + name + i;
    }
    add(new RuntimeSize(symbol, bound), List.of(count), List.of(), "");
    return Dim.symbol(symbol);
  }

  /// Whether two values are computed by the same ops from the same values.
  ///
  /// @param same pairs of nodes that are known to be
  private static boolean isSame(Value a, Value b, Set<List<Node>> same) {
    Node left = a.definer();
    Node right = b.definer();
    if (a.equals(b) || left == null || right == null || a.index() != b.index()) {
      return a.equals(b);
    }
    if (same.contains(List.of(left, right))) {
      return true;
    }
    boolean equal =
        left.op().equals(right.op())
            && left.regions().isEmpty()
            && right.regions().isEmpty()
            && left.operands().size() == right.operands().size();
    for (int i = 0; equal && i < left.operands().size(); i++) {
      equal = isSame(left.operand(i), right.operand(i), same);
    }
    if (equal) {
      same.add(List.of(left, right));
    }
    return equal;
  }

  /// Turns a formula into nodes: `$i[]` in it is `args.get(i)`; all have the same shape.
  public Value formula(Elem formula, List<Value> args) {
    List<Dim> shape = args.getFirst().type().shape();
    return switch (formula) {
      case Elem.Read read -> use(args.get(read.operand()));
      case Elem.Literal literal -> fill(literal, shape);
      case Elem.Call(ScalarFn fn, List<Elem> parts) ->
          add(
                  Pointwise.of(fn),
                  parts.stream().map(part -> formula(part, args)).toList(),
                  List.of(),
                  "")
              .result();
      case Elem.Cast(var dtype, Elem arg) ->
          add(new dev.sinter.ir.op.Cast(dtype), formula(arg, args));
      case Elem.IndexValue index -> throw new IllegalArgumentException("an index in a formula");
      case Elem.Reduce reduce -> throw new IllegalArgumentException("a reduction in a formula");
    };
  }
}
