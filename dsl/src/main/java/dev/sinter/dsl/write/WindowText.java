package dev.sinter.dsl.write;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Node;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Conv;
import dev.sinter.ir.op.ConvInput;
import dev.sinter.ir.op.Pool;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Convolutions and pooling.
record WindowText(BodyWriter body) {
  /// A convolution, with what is added to its channels.
  Piece conv(Node node, Conv op, List<Value> bias) {
    List<String> parts = operands(node, bias);
    sliding(parts, op.strides(), 1, op.padLow(), op.padHigh(), op.dilations());
    parts.add(op.groups() == 1 ? "" : "groups = " + op.groups());
    return call("conv", parts);
  }

  /// Whether a derivative of a convolution has the sizes of a transposed one.
  static boolean isTransposed(Node node, ConvInput op) {
    return node.operand(0).type().rank() <= 5 && more(node, op).isPresent();
  }

  /// How many places the result has beyond what the window says.
  private static Optional<List<Long>> more(Node node, ConvInput op) {
    TensorType x = node.operand(0).type();
    TensorType w = node.operand(1).type();
    List<Long> more = new ArrayList<>();
    for (int i = 0; i < op.sizes().size(); i++) {
      Dim window = w.dim(i + 2).minus(1).times(op.dilations().get(i)).plus(1);
      Dim told =
          x.dim(i + 2)
              .minus(1)
              .times(op.strides().get(i))
              .plus(window)
              .minus(op.padLow().get(i) + op.padHigh().get(i));
      Dim rest = op.sizes().get(i).minus(told);
      if (!rest.isConstant() || rest.constant() < 0) {
        return Optional.empty();
      }
      more.add(rest.constant());
    }
    return Optional.of(more);
  }

  /// A transposed convolution, with what is added to its channels.
  Piece transposed(Node node, ConvInput op, List<Value> bias) {
    List<String> parts = operands(node, bias);
    sliding(parts, op.strides(), 1, op.padLow(), op.padHigh(), op.dilations());
    parts.add(spatial("out_pad", more(node, op).orElseThrow(), zeros(op.sizes().size())));
    parts.add(op.groups() == 1 ? "" : "groups = " + op.groups());
    return call("conv_transpose", parts);
  }

  /// Pooling, called `name`.
  Piece pool(Node node, Pool op, String name) {
    List<String> parts = operands(node, List.of());
    parts.add(spatial("k", op.window(), List.of()));
    List<Long> strides = op.strides();
    parts.add(spatial("stride", strides, op.window()));
    sliding(parts, strides, -1, op.padLow(), op.padHigh(), op.dilations());
    return call(name, parts);
  }

  private List<String> operands(Node node, List<Value> more) {
    List<String> parts = new ArrayList<>();
    node.operands().forEach(operand -> parts.add(body.text(operand, Piece.ANY)));
    more.forEach(value -> parts.add(body.text(value, Piece.ANY)));
    return parts;
  }

  private static void sliding(
      List<String> parts,
      List<Long> strides,
      long stride,
      List<Long> low,
      List<Long> high,
      List<Long> dilations) {
    if (stride > 0) {
      parts.add(spatial("stride", strides, Collections.nCopies(strides.size(), stride)));
    }
    parts.add(spatial("pad", low, zeros(low.size())));
    parts.add(spatial("pad_high", high, low));
    parts.add(spatial("dilation", dilations, Collections.nCopies(dilations.size(), 1L)));
  }

  private static List<Long> zeros(int count) {
    return Collections.nCopies(count, 0L);
  }

  /// One number where all are the same, a list else, nothing where they go without saying.
  private static String spatial(String name, List<Long> numbers, List<Long> otherwise) {
    if (numbers.equals(otherwise)) {
      return "";
    }
    boolean same = numbers.stream().distinct().count() == 1;
    return name + " = " + (same ? numbers.getFirst().toString() : numbers.toString());
  }

  private static Piece call(String name, List<String> parts) {
    parts.removeIf(String::isEmpty);
    return Piece.of(name + "(" + String.join(", ", parts) + ")");
  }
}
