package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.whole;
import static dev.sinter.onnx.rules.Formulas.add;
import static dev.sinter.onnx.rules.Formulas.select;
import static dev.sinter.onnx.rules.Formulas.sub;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Accumulate;
import dev.sinter.ir.op.Cumulative;
import dev.sinter.ir.op.Reduce;
import dev.sinter.onnx.OpContext;
import dev.sinter.runtime.DType;
import java.util.List;

/// The places of a list of marks that hold, in their order.
///
/// @param count how many there are, which data tells
/// @param places `i64[count]`
/// @param running for each place the number of marks up to it, itself included
record Chosen(Dim count, Value places, Value running) {
  /// A kernel that sums up to each place looks at all places before it, so a long list is summed in
  /// blocks of this length, and the blocks' sums in the same way.
  private static final long BLOCK = 64;

  private static final int LEVELS = 2;

  /// Those of `marks`, a `bool[n]`.
  ///
  /// @param name of the size, for people
  static Chosen of(GraphBuilder b, String name, Value marks) {
    Dim size = marks.type().dim(0);
    Value ones = b.add(new dev.sinter.ir.op.Cast(DType.I64), marks);
    Value running = running(b, ones, LEVELS);
    Value total = b.add(new Reduce(Reducer.SUM, List.of(0), DType.I64), ones);
    Dim count = b.size(name, total, size);
    Axis axis = new Axis("%0", size);
    Elem number = Elem.read(0, List.of(axis.index()));
    Elem mark = Elem.read(1, List.of(axis.index()));
    Elem place = select(mark, sub(number, whole(1)), whole(-1));
    Value places =
        b.add(
            new Accumulate(
                Reducer.SUM, List.of(axis), List.of(count), List.of(place), whole(axis.index())),
            running,
            marks);
    return new Chosen(count, places, running);
  }

  /// The sum up to each place of a list, itself included.
  private static Value running(GraphBuilder b, Value list, int levels) {
    Dim size = list.type().dim(0);
    if (levels == 0 || (size.isConstant() && size.constant() <= BLOCK)) {
      return b.add(new Cumulative(Reducer.SUM, 0, false, false, DType.I64), list);
    }
    Dim blocks = size.ceilDiv(Dim.of(BLOCK));
    Value rows =
        OpContext.each(
            b,
            List.of(blocks, Dim.of(BLOCK)),
            (at, fresh) -> {
              Dim place = at.get(0).times(BLOCK).plus(at.get(1));
              return Elem.select(
                  List.of(Elem.inRange(place, size)), Elem.read(0, List.of(place)), whole(0));
            },
            list);
    Value inside = b.add(new Cumulative(Reducer.SUM, 1, false, false, DType.I64), rows);
    Value sums =
        OpContext.each(
            b,
            List.of(blocks),
            (at, fresh) -> Elem.read(0, List.of(at.get(0), Dim.of(BLOCK - 1))),
            inside);
    Value before = running(b, sums, levels - 1);
    return OpContext.each(
        b,
        List.of(size),
        (at, fresh) -> {
          Dim block = at.get(0).floorDiv(BLOCK);
          Elem own = Elem.read(0, List.of(block, at.get(0).mod(BLOCK)));
          Elem others =
              Elem.select(
                  List.of(Elem.inRange(block.minus(1), blocks)),
                  Elem.read(1, List.of(block.minus(1))),
                  whole(0));
          return add(own, others);
        },
        inside,
        before);
  }
}
