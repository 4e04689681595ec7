package dev.sinter.onnx.rules;

import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Slice;
import dev.sinter.onnx.GraphImport;
import dev.sinter.onnx.OpContext;
import dev.sinter.onnx.OpRules;
import dev.sinter.onnx.Operand;
import dev.sinter.onnx.model.OnnxGraph;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Sequences of tensors, whose lengths are known when the model is compiled, so that nothing of
/// them is left then; and optional values, of which it is known whether they are there.
final class TensorListRules {
  /// Longer sequences are unrolled by no file that means well.
  private static final long MOST_ELEMENTS = 1 << 12;

  private TensorListRules() {}

  static void addTo(OpRules rules) {
    rules.add("SequenceEmpty", op -> List.of(Operand.sequence(List.of())));
    rules.add("SequenceConstruct", op -> List.of(Operand.sequence(operands(op, 0))));
    rules.add("SequenceInsert", op -> List.of(inserted(op)));
    rules.add("SequenceErase", op -> List.of(erased(op)));
    rules.add("SequenceAt", op -> List.of(elements(op, 0).get(place(op, 1, 0))));
    rules.add("SequenceLength", op -> List.of(number(op, DType.I64, elements(op, 0).size())));
    rules.add("SequenceMap", TensorListRules::mapped);
    rules.add("SplitToSequence", op -> List.of(split(op)));
    rules.add("ConcatFromSequence", op -> op.out(joined(op)));
    rules.add("Optional", op -> List.of(op.operand(0)));
    rules.add("OptionalGetElement", op -> List.of(op.operand(0)));
    rules.add("OptionalHasElement", op -> List.of(number(op, DType.BOOL, op.has(0) ? 1 : 0)));
  }

  private static Operand number(OpContext op, DType dtype, long value) {
    Tensor tensor = Tensor.zeros(dtype);
    tensor.setLong(0, value);
    return op.known(tensor);
  }

  private static List<Operand> operands(OpContext op, int first) {
    List<Operand> all = new ArrayList<>();
    for (int i = first; i < op.inputs(); i++) {
      all.add(op.operand(i));
    }
    return all;
  }

  private static List<Operand> elements(OpContext op, int input) {
    return op.operand(input)
        .elements()
        .orElseThrow(() -> op.fail("takes a sequence, not " + op.type(input)));
  }

  /// The place that an input names, counted from behind where negative.
  ///
  /// @param beyond how far behind the last element a place may be
  private static int place(OpContext op, int input, int beyond) {
    int size = elements(op, 0).size();
    long place = op.constants(op.numbers(input)).getFirst();
    if (place < -size || place >= size + beyond) {
      throw op.fail("has place %d of a sequence of %d".formatted(place, size));
    }
    return (int) (place < 0 ? place + size : place);
  }

  private static Operand inserted(OpContext op) {
    List<Operand> all = new ArrayList<>(elements(op, 0));
    if (all.size() >= MOST_ELEMENTS) {
      throw op.fail("makes a sequence of more than %d tensors".formatted(MOST_ELEMENTS));
    }
    all.add(op.has(2) ? place(op, 2, 1) : all.size(), op.operand(1));
    return Operand.sequence(all);
  }

  private static Operand erased(OpContext op) {
    List<Operand> all = new ArrayList<>(elements(op, 0));
    if (all.isEmpty()) {
      throw op.fail("takes an element from an empty sequence");
    }
    int place = op.has(1) ? place(op, 1, 0) : all.size() - 1;
    all.subList(place, place + 1).clear();
    return Operand.sequence(all);
  }

  /// The body's outputs for each element; inputs that are sequences go along.
  private static List<Operand> mapped(OpContext op) {
    OnnxGraph graph = op.graph("body");
    List<List<Operand>> results = new ArrayList<>();
    graph.outputs().forEach(output -> results.add(new ArrayList<>()));
    for (int i = 0; i < elements(op, 0).size(); i++) {
      GraphImport body = op.inside(op.builder());
      for (int input = 0; input < op.inputs(); input++) {
        Operand operand = op.operand(input);
        int turn = i;
        body.define(
            graph.inputs().get(input).name(),
            operand.elements().map(all -> all.get(turn)).orElse(operand));
      }
      List<Operand> outputs = body.body(graph);
      for (int output = 0; output < outputs.size(); output++) {
        results.get(output).add(outputs.get(output));
      }
    }
    return results.stream().map(Operand::sequence).toList();
  }

  /// Parts along an axis: of sizes that are a list, of one size but for the last, or of one place,
  /// without the axis if it is not to be kept.
  private static Operand split(OpContext op) {
    TensorType type = op.type(0);
    int axis = op.axis(op.integer("axis", 0), type.rank());
    List<Dim> sizes = new ArrayList<>();
    if (op.has(1) && op.type(1).rank() == 1) {
      sizes.addAll(op.numbers(1));
    } else {
      long size = op.constants(List.of(type.dim(axis))).getFirst();
      long step = op.has(1) ? op.constants(op.numbers(1)).getFirst() : 1;
      if (step < 1 || size / step > MOST_ELEMENTS) {
        throw op.fail("splits %d places by %d".formatted(size, step));
      }
      for (long start = 0; start < size; start += step) {
        sizes.add(Dim.of(Math.min(step, size - start)));
      }
    }
    boolean kept = op.has(1) || op.flag("keepdims", true);
    List<Operand> parts = new ArrayList<>();
    Dim start = Dim.ZERO;
    for (Dim size : sizes) {
      Value part = Slice.of(op.builder(), op.in(0), axis, start, size);
      List<Dim> shape = new ArrayList<>(part.type().shape());
      if (!kept) {
        shape.remove(axis);
      }
      parts.add(Operand.of(op.reshape(part, shape)));
      start = start.plus(size);
    }
    if (!op.agree(start, type.dim(axis))) {
      throw op.fail("splits %s into parts of %s".formatted(type, sizes));
    }
    return Operand.sequence(parts);
  }

  private static Value joined(OpContext op) {
    List<Operand> all = elements(op, 0);
    boolean stacks = op.flag("new_axis", false);
    int rank = all.getFirst().type().rank() + (stacks ? 1 : 0);
    int axis = op.axis(op.integer("axis", 0), rank);
    List<Value> parts = new ArrayList<>();
    for (Operand each : all) {
      List<Dim> shape = new ArrayList<>(each.type().shape());
      if (stacks) {
        shape.add(axis, Dim.ONE);
      }
      parts.add(op.reshape(each.value(), shape));
    }
    return parts.size() == 1
        ? parts.getFirst()
        : op.add(new Concat(axis), parts.toArray(Value[]::new));
  }
}
