package dev.sinter.onnx;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Facts;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Op;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticException;
import dev.sinter.ir.op.Broadcast;
import dev.sinter.ir.op.Cast;
import dev.sinter.ir.op.Comprehension;
import dev.sinter.ir.op.Reshape;
import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.onnx.model.OnnxFormatException;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.onnx.model.OnnxNode;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// One use of an operator as its rule sees it: operands, attributes, and where nodes go.
public final class OpContext {
  private final GraphImport graph;
  private final OnnxNode node;
  private final long version;
  private final GraphBuilder builder;
  private final List<Optional<Operand>> operands;

  OpContext(
      GraphImport graph,
      OnnxNode node,
      long version,
      GraphBuilder builder,
      List<Optional<Operand>> operands) {
    this.graph = graph;
    this.node = node;
    this.version = version;
    this.builder = builder;
    this.operands = operands;
  }

  /// The version of the operator set.
  public long version() {
    return version;
  }

  /// How many nodes came before this one, itself counted: no two nodes have the same number.
  public int number() {
    return graph.model().count();
  }

  /// Where nodes go.
  public GraphBuilder builder() {
    return builder;
  }

  /// How many inputs the node names, those included that it leaves out.
  public int inputs() {
    return operands.size();
  }

  /// How many outputs the node names, those included that nobody wants.
  public int outputs() {
    return node.outputs().size();
  }

  /// Whether somebody may want this output.
  public boolean wants(int output) {
    return output < node.outputs().size() && !node.outputs().get(output).isEmpty();
  }

  /// Whether the node has this input.
  public boolean has(int input) {
    return input < operands.size() && operands.get(input).isPresent();
  }

  /// An input, with what is known of it.
  public Operand operand(int input) {
    if (!has(input)) {
      throw fail("lacks input " + input);
    }
    return operands.get(input).orElseThrow();
  }

  /// An input as a value of the graph.
  public Value in(int input) {
    return operand(input).value();
  }

  /// All inputs as values.
  public List<Value> all() {
    List<Value> all = new ArrayList<>();
    for (int i = 0; i < inputs(); i++) {
      all.add(in(i));
    }
    return all;
  }

  /// The type of an input.
  public TensorType type(int input) {
    return operand(input).type();
  }

  /// The elements of an input, if they are known when the model is compiled.
  public Optional<Tensor> constant(int input) {
    return has(input) ? operand(input).constant() : Optional.empty();
  }

  /// The integers of an input, which must be known when the model is compiled.
  public List<Dim> numbers(int input) {
    return operand(input)
        .numbers()
        .orElseThrow(
            () -> fail("needs input %d (%s) when it is compiled".formatted(input, name(input))));
  }

  private String name(int input) {
    return node.inputs().get(input);
  }

  /// Whether the node has this attribute.
  public boolean hasAttribute(String name) {
    return node.attributes().containsKey(name);
  }

  /// An integer attribute.
  public long integer(String name, long otherwise) {
    return switch (value(name)) {
      case null -> otherwise;
      case OnnxAttribute.Value.Int(long value) -> value;
      default -> throw fail("has an attribute %s that is no integer".formatted(name));
    };
  }

  /// An integer attribute that says yes or no.
  public boolean flag(String name, boolean otherwise) {
    return integer(name, otherwise ? 1 : 0) != 0;
  }

  /// A float attribute.
  public double real(String name, double otherwise) {
    return switch (value(name)) {
      case null -> otherwise;
      case OnnxAttribute.Value.Real(float value) -> value;
      default -> throw fail("has an attribute %s that is no float".formatted(name));
    };
  }

  /// A string attribute.
  public String text(String name, String otherwise) {
    return switch (value(name)) {
      case null -> otherwise;
      case OnnxAttribute.Value.Text(String value) -> value;
      default -> throw fail("has an attribute %s that is no string".formatted(name));
    };
  }

  /// An attribute of integers.
  public Optional<List<Long>> integers(String name) {
    return switch (value(name)) {
      case null -> Optional.empty();
      case OnnxAttribute.Value.Ints(List<Long> values) -> Optional.of(values);
      default -> throw fail("has an attribute %s that is no list of integers".formatted(name));
    };
  }

  /// An attribute of floats.
  public Optional<List<Float>> reals(String name) {
    return switch (value(name)) {
      case null -> Optional.empty();
      case OnnxAttribute.Value.Reals(List<Float> values) -> Optional.of(values);
      default -> throw fail("has an attribute %s that is no list of floats".formatted(name));
    };
  }

  /// An attribute of strings.
  public Optional<List<String>> texts(String name) {
    return switch (value(name)) {
      case null -> Optional.empty();
      case OnnxAttribute.Value.Texts(List<String> values) -> Optional.of(values);
      default -> throw fail("has an attribute %s that is no list of strings".formatted(name));
    };
  }

  /// A tensor attribute.
  public Optional<Tensor> tensor(String name) {
    try {
      return switch (value(name)) {
        case null -> Optional.empty();
        case OnnxAttribute.Value.Tensor(var tensor) ->
            Optional.of(graph.model().tensors().read(tensor));
        default -> throw fail("has an attribute %s that is no tensor".formatted(name));
      };
    } catch (OnnxFormatException e) {
      throw fail("has an attribute %s: %s".formatted(name, e.getMessage()));
    }
  }

  /// An attribute that is a graph.
  public OnnxGraph graph(String name) {
    if (value(name) instanceof OnnxAttribute.Value.Graph(OnnxGraph body)) {
      return body;
    }
    throw fail("has no attribute %s that is a graph".formatted(name));
  }

  private OnnxAttribute.@org.jspecify.annotations.Nullable Value value(String name) {
    OnnxAttribute attribute = node.attributes().get(name);
    return attribute == null ? null : attribute.value();
  }

  /// An import of a graph inside this node, whose nodes go to `inner`.
  public GraphImport inside(GraphBuilder inner) {
    return graph.inside(inner);
  }

  /// The sizes that the file declares for an output, where it does so in full.
  public Optional<List<Dim>> declared(int output) {
    return graph.declared(node.outputs().get(output));
  }

  /// An axis attribute or number, counted from behind where negative.
  public int axis(long axis, int rank) {
    if (axis < -rank || axis >= Math.max(rank, 1)) {
      throw fail("has axis %d of a tensor with %d axes".formatted(axis, rank));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /// Axes, counted from behind where negative, in ascending order.
  public List<Integer> axes(List<Long> axes, int rank) {
    return axes.stream().map(a -> axis(a, rank)).distinct().sorted().toList();
  }

  /// Integers as numbers, which must be constant.
  public List<Long> constants(List<Dim> numbers) {
    return numbers.stream()
        .map(d -> {
          if (!d.isConstant()) {
            throw fail("needs a number where it has " + d);
          }
          return d.constant();
        })
        .toList();
  }

  /// Adds a node with one result.
  public Value add(Op op, Value... operands) {
    return builder.add(op, operands);
  }

  /// A tensor given element by element.
  ///
  /// @param element from the index to the element, which reads `operands` by number
  public Value each(List<Dim> shape, Function<List<Dim>, Elem> element, Value... operands) {
    return each(shape, (at, fresh) -> element.apply(at), operands);
  }

  /// From an index to an element that reduces over further axes.
  public interface Body {
    /// The element at `at`; axes that it reduces over come from `fresh`.
    Elem at(List<Dim> at, AxisNames fresh);
  }

  /// A tensor given element by element, with axes to reduce over.
  public Value each(List<Dim> shape, Body body, Value... operands) {
    return each(builder, shape, body, operands);
  }

  /// A tensor given element by element, whose node goes to `into`.
  public static Value each(GraphBuilder into, List<Dim> shape, Body body, Value... operands) {
    AxisNames fresh = new AxisNames();
    List<Axis> axes = shape.stream().map(fresh::axis).toList();
    Elem element = body.at(axes.stream().map(Axis::index).toList(), fresh);
    return into.add(new Comprehension(axes, element), operands);
  }

  /// What is known of the sizes.
  public Facts facts() {
    return graph.model().equations().facts();
  }

  /// Whether two sizes are equal, or may be taken to be, because the node needs them to be.
  public boolean agree(Dim left, Dim right) {
    return graph.model().equations().agree(left, right);
  }

  /// The value, whose sizes are these or may be taken to be.
  public Value sized(Value value, List<Dim> shape) {
    List<Dim> own = value.type().shape();
    boolean same = own.size() == shape.size();
    for (int i = 0; same && i < shape.size(); i++) {
      same = agree(own.get(i), shape.get(i));
    }
    if (!same) {
      throw fail("takes %s where it needs sizes %s".formatted(value.type(), shape));
    }
    return value;
  }

  /// Whether the node may not run: what it needs of sizes holds only where it does.
  public boolean isConditional() {
    return graph.model().isConditional(builder);
  }

  /// The larger of two sizes, which is one of them where that is known.
  public Dim larger(Dim a, Dim b) {
    return facts().atLeast(a, b) ? a : facts().atLeast(b, a) ? b : a.max(b);
  }

  /// The smaller of two sizes, which is one of them where that is known.
  public Dim smaller(Dim a, Dim b) {
    return facts().atLeast(a, b) ? b : facts().atLeast(b, a) ? a : a.min(b);
  }

  /// The value under the rule of broadcasting: sizes count from the last, those of one repeat.
  public Value broadcast(Value value, List<Dim> shape) {
    List<Dim> own = value.type().shape();
    if (own.equals(shape)) {
      return value;
    }
    int shift = shape.size() - own.size();
    List<Integer> axes = new ArrayList<>();
    List<Dim> kept = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      boolean repeats = own.get(i).is(1) && (shift + i < 0 || !shape.get(shift + i).is(1));
      if (repeats) {
        continue;
      }
      if (shift + i < 0 || !agree(own.get(i), shape.get(shift + i))) {
        throw fail("cannot broadcast %s to %s".formatted(value.type(), shape));
      }
      axes.add(shift + i);
      kept.add(shape.get(shift + i));
    }
    Value narrow = kept.equals(own) ? value : builder.add(new Reshape(kept), value);
    return kept.equals(shape) ? narrow : builder.add(new Broadcast(axes, shape), narrow);
  }

  /// The sizes that tensors of these types have after broadcasting.
  public List<Dim> broadcast(List<List<Dim>> shapes) {
    int rank = shapes.stream().mapToInt(List::size).max().orElse(0);
    List<Dim> out = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      Dim size = Dim.ONE;
      for (List<Dim> shape : shapes) {
        int at = i - rank + shape.size();
        if (at < 0 || shape.get(at).is(1)) {
          continue;
        }
        if (!size.is(1) && !agree(size, shape.get(at))) {
          throw fail("cannot broadcast sizes %s and %s".formatted(size, shape.get(at)));
        }
        size = size.is(1) ? shape.get(at) : size;
      }
      out.add(size);
    }
    return out;
  }

  /// Values of one shape.
  public List<Value> broadcastAll(List<Value> values) {
    List<Dim> shape = broadcast(values.stream().map(v -> v.type().shape()).toList());
    return values.stream().map(v -> broadcast(v, shape)).toList();
  }

  /// The value in another type.
  public Value cast(Value value, DType dtype) {
    return value.type().dtype() == dtype ? value : builder.add(new Cast(dtype), value);
  }

  /// The value with other sizes of as many elements.
  public Value reshape(Value value, List<Dim> shape) {
    return value.type().shape().equals(shape) ? value : builder.add(new Reshape(shape), value);
  }

  /// A tensor that repeats a number.
  public Value fill(DType dtype, double number, List<Dim> shape) {
    return builder.fill(new TensorType(dtype, shape), number);
  }

  /// A tensor whose elements are known.
  public Operand known(Tensor tensor) {
    return graph.known(tensor, builder);
  }

  /// A tensor whose elements are known, which is a weight of the model if it has more than a few.
  public Operand weight(Tensor tensor) {
    return graph.model().weight(node.outputs().getFirst(), tensor, builder);
  }

  /// A scalar or list of integers that are known as expressions over sizes.
  public Operand known(TensorType type, List<Dim> numbers) {
    return graph.numbers(type, numbers, builder);
  }

  /// The node's results.
  public List<Operand> out(Value... values) {
    return Arrays.stream(values).map(Operand::of).toList();
  }

  /// The fault that this use of the operator is: `what` goes on after the operator's name.
  public DiagnosticException fail(String what) {
    return graph.fail(node, what);
  }
}
