package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Drawn.list;
import static dev.sinter.onnx.rules.Drawn.reals;
import static dev.sinter.onnx.rules.Drawn.scalar;

import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Attributes of ONNX's operators on tensors, as many together as may be, against ONNX Runtime.
class OperatorPeerTest {
  @TempDir private Path folder = Path.of("");

  private final Drawn drawn = new Drawn(31);
  private final PeerNodes nodes = new PeerNodes();

  @TestFactory
  Stream<DynamicTest> layouts() {
    Tensor x = drawn.floats(2, 5, 6);
    for (String mode : List.of("constant", "reflect", "edge", "wrap")) {
      nodes.node("Pad", 19).with("mode", mode).input(x).constant(list(0, 2, 1, 0, 1, 3));
      nodes
          .node("Pad", 19)
          .with("mode", mode)
          .input(x)
          .constant(list(1, -1, 2, 2))
          .leftOut()
          .constant(list(-1, 1));
    }
    nodes
        .node("Pad", 18)
        .input(x)
        .constant(list(-1, 2))
        .constant(scalar(DType.F32, 3))
        .constant(list(2));
    nodes.node("Pad", 2).withList("pads", 0L, 1L, -1L, 0L, 2L, 2L).with("value", 1.5f).input(x);
    nodes
        .node("Slice", 13)
        .input(x)
        .constant(list(-1, 100))
        .constant(list(-1000, 0))
        .constant(list(1, -1))
        .constant(list(-2, -3));
    nodes
        .node("Slice", 1)
        .withList("starts", 1L, -3L)
        .withList("ends", 1000L, -1L)
        .withList("axes", 1L, 2L)
        .input(x);
    nodes
        .node("Split", 18)
        .with("num_outputs", 4)
        .with("axis", -1)
        .outputs(4)
        .input(drawn.floats(2, 7));
    nodes.node("Split", 13).with("axis", 1).outputs(2).input(x).constant(list(1, 4));
    nodes
        .node("ReverseSequence", 10)
        .with("batch_axis", 0)
        .with("time_axis", 1)
        .input(x)
        .input(list(5, 2));
    nodes.node("Trilu", 14).with("upper", 0).input(x).constant(scalar(DType.I64, -1));
    nodes.node("Trilu", 14).input(x).input(scalar(DType.I64, 2));
    nodes
        .node("DepthToSpace", 13)
        .with("blocksize", 2)
        .with("mode", "CRD")
        .input(drawn.floats(1, 8, 2, 3));
    nodes.node("SpaceToDepth", 13).with("blocksize", 2).input(drawn.floats(1, 2, 4, 6));
    nodes.node("Reshape", 14).with("allowzero", 0).input(x).constant(list(0, -1, 3, 2));
    nodes.node("Flatten", 13).with("axis", -1).input(x);
    nodes.node("Expand", 13).input(drawn.floats(3, 1)).constant(list(2, 1, 4));
    nodes.node("Tile", 13).input(x).constant(list(1, 2, 2));
    nodes
        .node("CumSum", 14)
        .with("exclusive", 1)
        .with("reverse", 1)
        .input(x)
        .constant(scalar(DType.I32, -1));
    return nodes.checked(folder);
  }

  @TestFactory
  Stream<DynamicTest> elements() {
    Tensor ints = drawn.whole(DType.I32, -20, 20, 12);
    Tensor odd = Tensor.of(new int[] {3, -3, 7, -7, 1, 5, -5, 2, -2, 9, -9, 4}, 12);
    Tensor x = drawn.floats(3, 4);
    nodes.node("Mod", 13).input(ints).input(odd);
    nodes.node("Mod", 13).with("fmod", 1).input(ints).input(odd);
    nodes.node("Mod", 13).with("fmod", 1).input(x).input(drawn.floats(4));
    nodes.node("Clip", 13).input(x).constant(scalar(DType.F32, 1)).constant(scalar(DType.F32, -1));
    nodes.node("Clip", 12).input(ints).leftOut().constant(scalar(DType.I32, 5));
    nodes.node("Clip", 6).with("max", 0.3f).input(x);
    float inf = Float.POSITIVE_INFINITY;
    Tensor limits = reals(inf, -inf, Float.NaN, 0, -1.5f);
    nodes.node("IsInf", 10).with("detect_negative", 0).input(limits);
    nodes.node("IsInf", 10).with("detect_positive", 0).input(limits);
    for (String name : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      for (int version : new int[] {11, 13}) {
        nodes.node(name, version).input(drawn.floats(2, 3, 4));
        nodes.node(name, version).with("axis", 0).input(drawn.floats(2, 3, 4));
        nodes.node(name, version).with("axis", -2).input(drawn.floats(2, 3, 4));
      }
    }
    for (DType to : List.of(DType.F16, DType.F64, DType.I8, DType.I32, DType.I64, DType.BOOL)) {
      nodes.node("Cast", 13).with("to", number(to)).input(x);
      nodes.node("Cast", 13).with("to", number(to)).input(ints);
    }
    nodes.node("Pow", 15).input(ints).input(reals(2));
    nodes.node("Pow", 15).input(x).input(Tensor.of(new int[] {3}));
    nodes.node("Div", 14).input(ints).input(odd);
    nodes
        .node("BitShift", 11)
        .with("direction", "RIGHT")
        .input(drawn.bytes(6))
        .input(drawn.whole(DType.U8, 0, 8, 6));
    nodes.node("Shrink", 9).with("lambd", 0.4f).with("bias", 0.2f).input(x);
    nodes.node("PRelu", 16).input(drawn.floats(2, 3, 4)).input(drawn.floats(3, 1));
    nodes.node("Celu", 12).with("alpha", 2f).input(x);
    nodes.node("Gelu", 20).with("approximate", "tanh").input(x);
    return nodes.checked(folder);
  }

  private static long number(DType dtype) {
    return OnnxTypes.number(dtype);
  }

  @TestFactory
  Stream<DynamicTest> reductions() {
    Tensor x = drawn.floats(2, 3, 4);
    Tensor ints = drawn.whole(DType.I32, -9, 9, 2, 3, 4);
    for (String name :
        List.of("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSumExp", "SumSquare")) {
      nodes.node("Reduce" + name, 18).with("keepdims", 0).input(x).constant(list(-1, 0));
      nodes.node("Reduce" + name, 18).with("noop_with_empty_axes", 1).input(x);
      nodes.node("Reduce" + name, 18).input(ints).constant(list(1));
      nodes.node("Reduce" + name, 11).withList("axes", -2L).input(x);
    }
    nodes.node("ReduceMax", 20).input(drawn.whole(DType.BOOL, 0, 2, 2, 3, 4)).constant(list(1));
    nodes.node("ReduceMin", 20).input(drawn.whole(DType.BOOL, 0, 2, 2, 3, 4)).constant(list(1));
    for (int largest = 0; largest < 2; largest++) {
      nodes
          .node("TopK", 11)
          .with("largest", largest)
          .with("axis", 1)
          .outputs(2)
          .input(x)
          .constant(list(2));
      nodes.node("TopK", 11).with("largest", largest).outputs(2).input(ints).constant(list(3));
    }
    for (String equation :
        List.of(
            "bij,bjk->bik", "bij,bij->b", "bij,bij", "...ij,...jk->...ik", "b...j,b...j->...b")) {
      nodes
          .node("Einsum", 12)
          .with("equation", equation)
          .input(drawn.floats(3, 3, 3))
          .input(drawn.floats(3, 3, 3));
    }
    nodes.node("Einsum", 12).with("equation", "iij->ji").input(drawn.floats(3, 3, 2));
    nodes
        .node("Einsum", 12)
        .with("equation", "i,j,k->kji")
        .input(drawn.floats(2))
        .input(drawn.floats(3))
        .input(drawn.floats(4));
    nodes.node("Einsum", 12).with("equation", "...i -> ...").input(x);
    nodes.node("ArgMax", 13).with("axis", -1).with("select_last_index", 1).input(ints);
    return nodes.checked(folder);
  }

  @TestFactory
  Stream<DynamicTest> gathers() {
    Tensor x = drawn.floats(3, 4, 5);
    Tensor places = drawn.whole(DType.I64, -4, 4, 3, 2, 5);
    nodes.node("Gather", 13).with("axis", -1).input(x).input(drawn.whole(DType.I64, -5, 5, 2, 2));
    nodes.node("GatherElements", 13).with("axis", 1).input(x).input(places);
    nodes
        .node("GatherND", 12)
        .with("batch_dims", 1)
        .input(x)
        .input(drawn.whole(DType.I64, -4, 4, 3, 2, 1));
    for (String reduction : List.of("none", "add", "mul", "max", "min")) {
      Tensor distinct = list(1, -1, 0);
      nodes
          .node("ScatterElements", 18)
          .with("reduction", reduction)
          .with("axis", -2)
          .input(x)
          .input(reduction.equals("none") ? Tensor.of(new long[] {-1, 0}, 1, 2, 1) : places)
          .input(reduction.equals("none") ? drawn.floats(1, 2, 1) : drawn.floats(3, 2, 5));
      nodes
          .node("ScatterND", 18)
          .with("reduction", reduction)
          .input(x)
          .input(
              reduction.equals("none")
                  ? Tensor.of(distinct.toLongArray(), 3, 1)
                  : drawn.whole(DType.I64, -3, 3, 4, 1))
          .input(reduction.equals("none") ? drawn.floats(3, 4, 5) : drawn.floats(4, 4, 5));
    }
    nodes
        .node("OneHot", 11)
        .with("axis", 0)
        .input(drawn.whole(DType.I64, -4, 4, 2, 3))
        .constant(scalar(DType.I64, 4))
        .constant(reals(0.5f, 2));
    return nodes.checked(folder);
  }
}
