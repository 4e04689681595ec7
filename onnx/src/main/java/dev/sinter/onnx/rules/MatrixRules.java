package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Contract;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// Products of matrices.
final class MatrixRules {
  private MatrixRules() {}

  static void addTo(OpRules rules) {
    rules.add("MatMul", op -> op.out(product(op, op.in(0), op.in(1))));
    rules.add("Gemm", op -> op.out(gemm(op)));
    rules.add("Einsum", op -> op.out(Equation.of(op).product(op)));
  }

  /// The product of two stacks of matrices, whose sizes of stacks are broadcast; a tensor of one
  /// axis is a row on the left and a column on the right, and the result lacks that axis.
  static Value product(OpContext op, Value left, Value right) {
    if (left.type().rank() == 0 || right.type().rank() == 0) {
      throw op.fail("multiplies %s by %s".formatted(left.type(), right.type()));
    }
    List<Dim> leftStack = stack(left);
    List<Dim> rightStack = stack(right);
    List<Dim> stack = op.broadcast(List.of(leftStack, rightStack));
    agree(op, left, -1, right, -2);
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < stack.size(); i++) {
      out.append(letter(i));
    }
    boolean rows = left.type().rank() > 1;
    boolean columns = right.type().rank() > 1;
    out.append(rows ? "m" : "").append(columns ? "n" : "");
    String leftLetters = letters(leftStack, stack) + (rows ? "mk" : "k");
    String rightLetters = letters(rightStack, stack) + (columns ? "kn" : "k");
    return Contract.of(
        op.builder(),
        leftLetters + "," + rightLetters + "->" + out,
        narrow(op, left, leftStack, stack),
        narrow(op, right, rightStack, stack));
  }

  /// Takes an axis of each for one that is summed over.
  private static void agree(OpContext op, Value left, int leftAxis, Value right, int rightAxis) {
    Dim a = left.type().dim(Math.max(0, left.type().rank() + leftAxis));
    Dim b = right.type().dim(Math.max(0, right.type().rank() + rightAxis));
    if (!op.agree(a, b)) {
      throw op.fail("multiplies %s by %s".formatted(left.type(), right.type()));
    }
  }

  /// The letter of an axis of the stack: from `A` on.
  private static char letter(int axis) {
    return (char) ('A' + axis);
  }

  private static List<Dim> stack(Value matrix) {
    List<Dim> shape = matrix.type().shape();
    return shape.subList(0, Math.max(0, shape.size() - 2));
  }

  /// Whether the axis repeats its only place.
  private static boolean repeats(List<Dim> own, int axis, List<Dim> stack) {
    return own.get(axis).is(1) && !stack.get(stack.size() - own.size() + axis).is(1);
  }

  private static String letters(List<Dim> own, List<Dim> stack) {
    StringBuilder letters = new StringBuilder();
    for (int i = 0; i < own.size(); i++) {
      if (!repeats(own, i, stack)) {
        letters.append(letter(stack.size() - own.size() + i));
      }
    }
    return letters.toString();
  }

  private static Value narrow(OpContext op, Value matrix, List<Dim> own, List<Dim> stack) {
    List<Dim> shape = new ArrayList<>();
    for (int i = 0; i < matrix.type().rank(); i++) {
      if (i >= own.size() || !repeats(own, i, stack)) {
        shape.add(matrix.type().dim(i));
      }
    }
    return op.reshape(matrix, shape);
  }

  /// `alpha * A * B + beta * C`.
  static Value gemm(OpContext op) {
    Value a = op.in(0);
    Value b = op.in(1);
    boolean columns = op.flag("transA", false);
    boolean rows = op.flag("transB", false);
    agree(op, a, columns ? -2 : -1, b, rows ? -1 : -2);
    String left = columns ? "km" : "mk";
    String right = rows ? "nk" : "kn";
    Value product = Contract.of(op.builder(), left + "," + right + "->mn", a, b);
    Value scaled = times(op, product, op.real("alpha", 1));
    if (!op.has(2)) {
      return scaled;
    }
    Value summand = op.broadcast(times(op, op.in(2), op.real("beta", 1)), product.type().shape());
    return op.add(Pointwise.ADD, scaled, summand);
  }

  private static Value times(OpContext op, Value x, double factor) {
    DType dtype = x.type().dtype();
    return factor == 1 ? x : op.add(Pointwise.MUL, x, op.fill(dtype, factor, x.type().shape()));
  }
}
