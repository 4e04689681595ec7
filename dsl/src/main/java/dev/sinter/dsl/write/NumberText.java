package dev.sinter.dsl.write;

import dev.sinter.ir.Elem;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.Locale;

/// Numbers as the language writes them.
final class NumberText {
  private NumberText() {}

  /// A number, whose type is to be known from beside it.
  static Piece of(Elem.Literal literal) {
    return of(literal.dtype(), literal.real(), literal.integer());
  }

  static Piece of(DType dtype, double real, long integer) {
    if (dtype == DType.BOOL) {
      return Piece.of(integer != 0 ? "true" : "false");
    }
    return dtype.isFloat() ? real(dtype, real) : SizeText.number(integer);
  }

  /// A number with its type: a scalar.
  static Piece cast(Elem.Literal literal) {
    Piece number = of(literal);
    return literal.dtype() == DType.BOOL
        ? number
        : Piece.of(literal.dtype() + "(" + number.text() + ")");
  }

  /// A tensor as lists in lists.
  static String list(Tensor tensor) {
    StringBuilder out = new StringBuilder();
    list(tensor, 0, 0, tensor.size(), out);
    return out.toString();
  }

  private static void list(Tensor tensor, int axis, long from, long count, StringBuilder out) {
    if (axis == tensor.rank()) {
      out.append(element(tensor, from).text());
      return;
    }
    out.append('[');
    long parts = tensor.dim(axis);
    for (long i = 0; i < parts; i++) {
      out.append(i == 0 ? "" : ", ");
      list(tensor, axis + 1, from + i * (count / parts), count / parts, out);
    }
    out.append(']');
  }

  static Piece element(Tensor tensor, long at) {
    return tensor.dtype().isFloat()
        ? real(tensor.dtype(), tensor.getDouble(at))
        : of(tensor.dtype(), 0, tensor.getLong(at));
  }

  /// A float as shortly as its type can be told it.
  static Piece real(DType dtype, double value) {
    if (Double.isNaN(value)) {
      return Piece.of("nan");
    }
    boolean negative = value < 0 || (value == 0 && 1 / value < 0);
    double size = Math.abs(value);
    String text =
        Double.isInfinite(size)
            ? "inf"
            : dtype != DType.F64 && (double) (float) size == size
                ? Float.toString((float) size)
                : Double.toString(size);
    String plain = text.toLowerCase(Locale.ROOT).replace(".0e", "e");
    return new Piece(negative ? "-" + plain : plain, negative ? Piece.UNARY : Piece.POSTFIX);
  }
}
