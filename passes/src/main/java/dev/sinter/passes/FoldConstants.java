package dev.sinter.passes;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.ir.op.Constant;
import dev.sinter.ir.op.Fill;
import dev.sinter.ir.op.Iota;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Computes at compile time what depends on constants only, with the interpreter. Each firing makes
/// one node of constants more, which no rule here looks at again.
final class FoldConstants {
  /// Tensors of more elements than this stay computed: they would only make the JAR large.
  private static final long MOST_ELEMENTS = 4096;

  private FoldConstants() {}

  static List<Rule> rules() {
    return List.of(
        Rule.exact("fold-fills", FoldConstants::foldFills),
        Rule.exact("fold-constants", FoldConstants::foldConstants));
  }

  /// `op(fill(a), fill(b))` -> `fill(op(a, b))`, of any size.
  private static @Nullable Value foldFills(GraphBuilder b, Node node) {
    if (!(node.op() instanceof Pointwise pointwise)
        || !node.operands().stream().allMatch(v -> op(v) instanceof Fill)) {
      return null;
    }
    GraphBuilder scalar = new GraphBuilder();
    List<Value> args =
        node.operands().stream()
            .map(v -> scalar.fill(literal((Fill) Objects.requireNonNull(op(v))), List.of()))
            .toList();
    Value one = scalar.add(pointwise, args, List.of(), "").result();
    return splat(b, run(scalar.region(List.of(one))), node.result().type());
  }

  /// An op of data and constants -> data. What is counted only (`iota`) stays computed, which is
  /// cheaper than to read it.
  private static @Nullable Value foldConstants(GraphBuilder b, Node node) {
    TensorType type = node.result().type();
    boolean folds =
        (node.op() instanceof Pointwise || node.op() instanceof Primitive)
            && !node.operands().isEmpty()
            && isSmall(type)
            && node.operands().stream().allMatch(FoldConstants::isConstant)
            && node.operands().stream().anyMatch(v -> op(v) instanceof Constant);
    if (!folds) {
      return null;
    }
    GraphBuilder inner = new GraphBuilder();
    List<Value> args =
        node.operands().stream()
            .map(v -> inner.add(Objects.requireNonNull(op(v)), List.of(), List.of(), "").result())
            .toList();
    Value result = inner.add(node.op(), args, List.of(), "").result();
    Tensor tensor = run(inner.region(List.of(result)));
    return isSplat(tensor) ? splat(b, tensor, type) : b.add(new Constant(tensor));
  }

  private static Tensor run(Region region) {
    return Interpreter.rounding().run(region, List.of(), Bindings.NONE).getFirst();
  }

  private static boolean isConstant(Value value) {
    boolean constant =
        op(value) instanceof Fill || op(value) instanceof Constant || op(value) instanceof Iota;
    return constant && isSmall(value.type());
  }

  private static boolean isSmall(TensorType type) {
    Dim size = type.size();
    return type.shape().stream().allMatch(Dim::isConstant)
        && size.constant() > 0
        && size.constant() <= MOST_ELEMENTS;
  }

  private static dev.sinter.ir.@Nullable Op op(Value value) {
    return value.definer() == null ? null : value.definer().op();
  }

  private static Elem.Literal literal(Fill fill) {
    return new Elem.Literal(fill.dtype(), fill.real(), fill.integer());
  }

  private static boolean isSplat(Tensor tensor) {
    for (long i = 1; i < tensor.size(); i++) {
      boolean same =
          tensor.dtype().isFloat()
              ? Double.doubleToLongBits(tensor.getDouble(i))
                  == Double.doubleToLongBits(tensor.getDouble(0))
              : tensor.getLong(i) == tensor.getLong(0);
      if (!same) {
        return false;
      }
    }
    return true;
  }

  private static Value splat(GraphBuilder b, Tensor one, TensorType type) {
    DType dtype = type.dtype();
    Elem.Literal literal =
        dtype.isFloat()
            ? new Elem.Literal(dtype, one.getDouble(0), 0)
            : (Elem.Literal) Elem.literal(dtype, one.getLong(0));
    return b.fill(literal, type.shape());
  }
}
