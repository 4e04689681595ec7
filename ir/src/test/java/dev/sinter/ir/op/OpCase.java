package dev.sinter.ir.op;

import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Op;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// An op with operands, and what the elements of its first result are.
///
/// @param types the operands' types, which may have symbols
/// @param expected the elements in row-major order
/// @param hasDerivative whether its derivative is checked
record OpCase(
    Op op,
    List<Region> regions,
    List<TensorType> types,
    List<Tensor> inputs,
    List<Double> expected,
    boolean hasDerivative) {

  /// A case whose operands' types are those of the tensors.
  static OpCase of(Op op, double[] expected, Tensor... inputs) {
    List<TensorType> types = new ArrayList<>();
    for (Tensor input : inputs) {
      types.add(TensorType.of(input.dtype(), input.shape()));
    }
    return new OpCase(
        op, List.of(), types, List.of(inputs), Arrays.stream(expected).boxed().toList(), true);
  }

  /// The case with operands of the types given.
  OpCase typed(TensorType... other) {
    return new OpCase(op, regions, List.of(other), inputs, expected, hasDerivative);
  }

  OpCase with(Region... other) {
    return new OpCase(op, List.of(other), types, inputs, expected, hasDerivative);
  }

  OpCase withoutDerivative() {
    return new OpCase(op, regions, types, inputs, expected, false);
  }

  /// The expected elements.
  double[] elements() {
    return expected.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /// The op applied to parameters.
  Region region() {
    GraphBuilder b = new GraphBuilder();
    List<Value> params = params(b);
    return b.region(b.add(op, params, regions, "").results());
  }

  private List<Value> params(GraphBuilder b) {
    List<Value> params = new ArrayList<>();
    for (TensorType type : types) {
      params.add(b.parameter(type, "p" + params.size()));
    }
    return params;
  }

  /// Whether operand `i` is a float.
  boolean isFloat(int i) {
    return types.get(i).dtype().isFloat();
  }

  @Override
  public String toString() {
    return op + " of " + types;
  }

  static TensorType f64(long... shape) {
    return TensorType.of(DType.F64, shape);
  }
}
