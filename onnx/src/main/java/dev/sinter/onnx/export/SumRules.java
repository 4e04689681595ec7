package dev.sinter.onnx.export;

import dev.sinter.ir.Node;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.op.Contract;
import dev.sinter.ir.op.Cumulative;
import dev.sinter.ir.op.Reduce;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;

/// Reductions and products of matrices. Each rule answers whether it fits the node.
///
/// @param region where nodes go
record SumRules(RegionExport region) {
  private NodeSink sink() {
    return region.sink();
  }

  boolean reduce(Reduce op, Node node) {
    Grid x = region.loaded(node.operand(0));
    DType dtype = node.result().type().dtype();
    Grid reduced =
        new Reductions(sink()).reduce(op.reducer(), dtype, op.accumulator(), x, op.axes());
    region.define(node.result(), region.carriers().store(reduced, dtype));
    return true;
  }

  boolean cumulative(Cumulative op, Node node) {
    if (op.reducer() != Reducer.SUM) {
      return false;
    }
    DType dtype = node.result().type().dtype();
    Grid x = region.loaded(node.operand(0));
    Grid wide = op.accumulator() == DType.F64 ? sink().cast(x, DType.F64) : x;
    String sums =
        sink()
            .add(
                "CumSum",
                List.of(wide.name(), sink().integer(op.axis()).name()),
                NodeSink.attribute("exclusive", op.exclusive() ? 1 : 0),
                NodeSink.attribute("reverse", op.reverse() ? 1 : 0));
    region.define(node.result(), region.carriers().store(wide.as(sums, wide.dtype()), dtype));
    return true;
  }

  boolean contract(Contract op, Node node) {
    Grid left = region.loaded(node.operand(0));
    Grid right = region.loaded(node.operand(1));
    boolean wider = op.accumulator() == DType.F64 && left.dtype() == DType.F32;
    Grid a = wider ? sink().cast(left, DType.F64) : left;
    Grid b = wider ? sink().cast(right, DType.F64) : right;
    Letters letters = Letters.of(op);
    String product =
        letters.isMatrixProduct()
            ? letters.matrixProduct(sink(), a.name(), b.name())
            : sink()
                .add(
                    "Einsum",
                    List.of(a.name(), b.name()),
                    NodeSink.attribute("equation", op.toString()));
    DType dtype = node.result().type().dtype();
    region.define(
        node.result(),
        region
            .carriers()
            .store(RegionExport.whole(product, node.result().type().withDtype(a.dtype())), dtype));
    return true;
  }

  /// The axes of a contraction by what they are for.
  ///
  /// @param op the contraction
  /// @param batch those that all three have, in the result's order
  /// @param rows those of the left operand and the result only
  /// @param columns those of the right operand and the result only
  /// @param summed those of both operands only
  private record Letters(Contract op, String batch, String rows, String columns, String summed) {
    static Letters of(Contract op) {
      StringBuilder batch = new StringBuilder();
      StringBuilder rows = new StringBuilder();
      StringBuilder columns = new StringBuilder();
      StringBuilder summed = new StringBuilder();
      for (char letter : op.out().toCharArray()) {
        boolean left = op.left().indexOf(letter) >= 0;
        boolean right = op.right().indexOf(letter) >= 0;
        (left && right ? batch : left ? rows : columns).append(letter);
      }
      for (char letter : op.left().toCharArray()) {
        if (op.out().indexOf(letter) < 0 && op.right().indexOf(letter) >= 0) {
          summed.append(letter);
        }
      }
      return new Letters(
          op, batch.toString(), rows.toString(), columns.toString(), summed.toString());
    }

    /// Whether it is one product of matrices for each place of the batch, or of many rows with one
    /// matrix.
    boolean isMatrixProduct() {
      boolean all =
          batch.length() + rows.length() + summed.length() == op.left().length()
              && batch.length() + columns.length() + summed.length() == op.right().length();
      boolean one = rows.length() == 1 || (batch.isEmpty() && !rows.isEmpty());
      return all && one && columns.length() == 1 && summed.length() == 1;
    }

    String matrixProduct(NodeSink sink, String left, String right) {
      String a = ordered(sink, left, op.left(), batch + rows + summed);
      String b = ordered(sink, right, op.right(), batch + summed + columns);
      String product = sink.add("MatMul", List.of(a, b));
      return ordered(sink, product, batch + rows + columns, op.out());
    }

    private static String ordered(NodeSink sink, String name, String from, String to) {
      if (from.equals(to)) {
        return name;
      }
      List<Long> order = new ArrayList<>();
      to.chars().forEach(letter -> order.add((long) from.indexOf(letter)));
      return sink.add("Transpose", List.of(name), NodeSink.attribute("perm", order));
    }
  }
}
