package dev.sinter.ir.interpreter;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Node;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a node with element-wise meaning has been compiled to.
final class NodeCode {
  private final DType dtype;
  private final long[] shape;
  private final int slots;
  private final Frame.@Nullable Real real;
  private final Frame.@Nullable Integral integral;
  private final Frame.@Nullable Real bounded;
  private final Precision precision;

  /// @param shape the result's sizes, whose axes have the first slots
  /// @param real the element, of a float type
  /// @param integral the element, of another type
  /// @param bounded the element with its error, where errors are followed
  private NodeCode(
      DType dtype,
      long[] shape,
      int slots,
      Frame.@Nullable Real real,
      Frame.@Nullable Integral integral,
      Frame.@Nullable Real bounded,
      Precision precision) {
    this.dtype = dtype;
    this.shape = shape;
    this.slots = slots;
    this.real = real;
    this.integral = integral;
    this.bounded = bounded;
    this.precision = precision;
  }

  static NodeCode of(Node node, Bindings bindings, Precision precision) {
    TensorType type = node.result().type();
    AxisNames fresh = new AxisNames();
    IndexCompiler indices = new IndexCompiler(bindings);
    List<Dim> at = new ArrayList<>();
    for (Dim size : type.shape()) {
      Axis axis = fresh.axis(size);
      indices.bind(axis.symbol());
      at.add(axis.index());
    }
    Elem elem =
        switch (node.op()) {
          case Pointwise op -> op.define(node.operandTypes(), at);
          case Primitive op -> op.define(node.operandTypes(), at, fresh);
          default ->
              throw new CompilerBug("interpreter", describe(node) + " has no element expression");
        };
    List<long[]> shapes = node.operandTypes().stream().map(t -> bindings.shape(t.shape())).toList();
    String what = describe(node);
    ElemCompiler compiler =
        new ElemCompiler(indices, node.operandTypes(), shapes, what, precision.isExact());
    boolean isReal = type.dtype().isFloat();
    Frame.Real real = isReal ? compiler.real(elem) : null;
    Frame.Integral integral = isReal ? null : compiler.integral(elem);
    Frame.Real bounded =
        precision == Precision.BOUNDED
            ? new BoundCompiler(indices, compiler, node.operandTypes(), shapes, what).compile(elem)
            : null;
    return new NodeCode(
        type.dtype(),
        bindings.shape(type.shape()),
        indices.slots(),
        real,
        integral,
        bounded,
        precision);
  }

  private static String describe(Node node) {
    String name = node.result().name();
    String place = node.span().isNone() ? "" : " at " + node.span();
    return node.op().mnemonic() + " " + node.op() + (name.isEmpty() ? "" : " " + name) + place;
  }

  Numbers run(Numbers[] operands) {
    Frame frame = new Frame(slots, operands);
    Numbers out = Numbers.zeros(dtype, shape);
    int size = out.size();
    for (int i = 0; i < size; i++) {
      if (bounded != null) {
        double value = bounded.at(frame);
        out.setError(i, frame.error + BoundCompiler.roundoff(dtype) * Math.abs(value));
      }
      if (real != null) {
        out.store(i, real.at(frame), precision.isExact());
      } else if (integral != null) {
        out.integers[i] = dtype.wrap(integral.at(frame));
      }
      for (int axis = shape.length - 1; axis >= 0 && ++frame.axes[axis] == shape[axis]; axis--) {
        frame.axes[axis] = 0;
      }
    }
    return out;
  }
}
