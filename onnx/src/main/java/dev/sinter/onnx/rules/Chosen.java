package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Elements.whole;
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
import dev.sinter.runtime.DType;
import java.util.List;

/// The places of a list of marks that hold, in their order.
///
/// @param count how many there are, which data tells
/// @param places `i64[count]`
/// @param running for each place the number of marks up to it, itself included
record Chosen(Dim count, Value places, Value running) {
  /// Those of `marks`, a `bool[n]`.
  ///
  /// @param name of the size, for people
  static Chosen of(GraphBuilder b, String name, Value marks) {
    Dim size = marks.type().dim(0);
    Value ones = b.add(new dev.sinter.ir.op.Cast(DType.I64), marks);
    Value running = b.add(new Cumulative(Reducer.SUM, 0, false, false, DType.I64), ones);
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
}
