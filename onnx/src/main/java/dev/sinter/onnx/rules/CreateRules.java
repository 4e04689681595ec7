package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.cast;
import static dev.sinter.onnx.rules.Formulas.eq;
import static dev.sinter.onnx.rules.Formulas.mul;
import static dev.sinter.onnx.rules.Formulas.or;
import static dev.sinter.onnx.rules.Formulas.select;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.TensorType;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Operators that make tensors of numbers.
final class CreateRules {
  private CreateRules() {}

  static void addTo(OpRules rules) {
    rules.add("Constant", op -> List.of(constant(op)));
    rules.add("ConstantOfShape", CreateRules::constantOfShape);
    rules.add("EyeLike", CreateRules::eyeLike);
    rules.add("Range", CreateRules::range);
    rules.add("OneHot", CreateRules::oneHot);
  }

  private static Operand constant(OpContext op) {
    Optional<Tensor> value = op.tensor("value");
    if (value.isPresent()) {
      return op.weight(value.get());
    }
    if (op.hasAttribute("value_float")) {
      return op.weight(floats(List.of((float) op.real("value_float", 0))));
    }
    if (op.hasAttribute("value_floats")) {
      List<Float> values = op.reals("value_floats").orElseThrow();
      return op.weight(floats(values, values.size()));
    }
    if (op.hasAttribute("value_int")) {
      return op.weight(integers(List.of(op.integer("value_int", 0))));
    }
    if (op.hasAttribute("value_ints")) {
      List<Long> values = op.integers("value_ints").orElseThrow();
      return op.weight(integers(values, values.size()));
    }
    throw op.fail("has no value that is numbers");
  }

  private static Tensor floats(List<Float> values, long... shape) {
    Tensor tensor = Tensor.allocate(DType.F32, shape);
    for (int i = 0; i < values.size(); i++) {
      tensor.setDouble(i, values.get(i));
    }
    return tensor;
  }

  private static Tensor integers(List<Long> values, long... shape) {
    Tensor tensor = Tensor.allocate(DType.I64, shape);
    for (int i = 0; i < values.size(); i++) {
      tensor.setLong(i, values.get(i));
    }
    return tensor;
  }

  private static List<Operand> constantOfShape(OpContext op) {
    Optional<Tensor> value = op.tensor("value");
    Elem.Literal number =
        value.map(CreateRules::literal).orElseGet(() -> (Elem.Literal) Elem.literal(DType.F32, 0));
    return op.out(op.builder().fill(number, Numbers.sizes(op, 0)));
  }

  private static Elem.Literal literal(Tensor tensor) {
    DType dtype = tensor.dtype();
    return (Elem.Literal)
        (dtype.isFloat()
            ? Elem.literal(dtype, tensor.getDouble(0))
            : Elem.literal(dtype, tensor.getLong(0)));
  }

  private static List<Operand> eyeLike(OpContext op) {
    TensorType like = op.type(0);
    if (like.rank() != 2) {
      throw op.fail("takes a matrix, not " + like);
    }
    DType dtype = dtype(op, like.dtype());
    long shift = op.integer("k", 0);
    return op.out(
        op.each(
            like.shape(),
            at ->
                select(
                    eq(whole(at.get(1).minus(at.get(0))), whole(shift)),
                    Elem.literal(dtype, 1L),
                    Elem.literal(dtype, 0L))));
  }

  /// The type that the attribute `dtype` names.
  static DType dtype(OpContext op, DType otherwise) {
    if (!op.hasAttribute("dtype")) {
      return otherwise;
    }
    int number = (int) op.integer("dtype", 0);
    return OnnxTypes.of(number)
        .orElseThrow(() -> op.fail("makes a tensor of " + OnnxTypes.name(number)));
  }

  private static List<Operand> range(OpContext op) {
    DType dtype = op.type(0).dtype();
    Optional<Dim> start = number(op, 0);
    Optional<Dim> limit = number(op, 1);
    Optional<Dim> delta = number(op, 2).filter(Dim::isConstant).filter(d -> !d.is(0));
    if (start.isPresent() && limit.isPresent() && delta.isPresent()) {
      long step = delta.get().constant();
      Dim length =
          step > 0
              ? limit.get().minus(start.get()).ceilDiv(delta.get())
              : start.get().minus(limit.get()).ceilDiv(Dim.of(-step));
      return op.out(
          op.each(
              List.of(op.larger(length, Dim.ZERO)),
              at -> new Elem.IndexValue(dtype, start.get().plus(at.get(0).times(step)))));
    }
    return op.out(
        op.each(
            length(op),
            at -> {
              Elem turn = new Elem.IndexValue(dtype, at.get(0));
              return add(scalar(op, 0), mul(turn, scalar(op, 2)));
            },
            op.in(0),
            op.in(1),
            op.in(2)));
  }

  private static List<Dim> length(OpContext op) {
    if (op.constant(0).isEmpty() || op.constant(1).isEmpty() || op.constant(2).isEmpty()) {
      return Numbers.declared(op, 0);
    }
    double start = op.constant(0).get().getDouble(0);
    double limit = op.constant(1).get().getDouble(0);
    double delta = op.constant(2).get().getDouble(0);
    return List.of(Dim.of((long) Math.max(0, Math.ceil((limit - start) / delta))));
  }

  private static Optional<Dim> number(OpContext op, int input) {
    return op.operand(input).numbers().map(List::getFirst);
  }

  private static Elem scalar(OpContext op, int input) {
    return Elem.read(input, Collections.nCopies(op.type(input).rank(), Dim.ZERO));
  }

  private static List<Operand> oneHot(OpContext op) {
    TensorType indices = op.type(0);
    int axis = op.axis(op.integer("axis", -1), indices.rank() + 1);
    Dim depth = depth(op).orElseGet(() -> Numbers.declared(op, 0).get(axis));
    List<Dim> shape = new ArrayList<>(indices.shape());
    shape.add(axis, depth);
    return op.out(
        op.each(
            shape,
            at -> {
              List<Dim> place = new ArrayList<>(at);
              Dim number = place.remove(axis);
              Elem index = cast(DType.I64, Elem.read(0, place));
              Elem hit = or(eq(index, whole(number)), eq(add(index, whole(depth)), whole(number)));
              return select(hit, Elem.read(1, List.of(Dim.ONE)), Elem.read(1, List.of(Dim.ZERO)));
            },
            op.in(0),
            op.in(2)));
  }

  private static Optional<Dim> depth(OpContext op) {
    return op.operand(1)
        .numbers()
        .map(List::getFirst)
        .or(() -> op.constant(1).map(t -> Dim.of((long) t.getDouble(0))));
  }
}
