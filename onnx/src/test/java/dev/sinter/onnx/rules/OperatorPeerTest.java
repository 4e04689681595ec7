package dev.sinter.onnx.rules;

import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.onnx.model.OnnxTypes;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Attributes of ONNX's operators, as many together as may be, against ONNX Runtime.
class OperatorPeerTest {
  @TempDir private Path folder = Path.of("");

  private final Drawn drawn = new Drawn(31);
  private final List<OneNode> all = new ArrayList<>();

  private OneNode node(String opType, long version) {
    OneNode node = new OneNode(opType, version);
    all.add(node);
    return node;
  }

  private Stream<DynamicTest> checked() {
    return PeerCheck.all(folder, all.toArray(OneNode[]::new));
  }

  private static Tensor list(long... values) {
    return Tensor.of(values, values.length);
  }

  private static Tensor reals(float... values) {
    return Tensor.of(values, values.length);
  }

  private static Tensor scalar(DType dtype, double value) {
    Tensor tensor = Tensor.zeros(dtype);
    tensor.setDouble(0, value);
    return tensor;
  }

  @TestFactory
  Stream<DynamicTest> layouts() {
    Tensor x = drawn.floats(2, 5, 6);
    for (String mode : List.of("constant", "reflect", "edge", "wrap")) {
      node("Pad", 19).with("mode", mode).input(x).constant(list(0, 2, 1, 0, 1, 3));
      node("Pad", 19)
          .with("mode", mode)
          .input(x)
          .constant(list(1, -1, 2, 2))
          .leftOut()
          .constant(list(-1, 1));
    }
    node("Pad", 18).input(x).constant(list(-1, 2)).constant(scalar(DType.F32, 3)).constant(list(2));
    node("Pad", 2).withList("pads", 0L, 1L, -1L, 0L, 2L, 2L).with("value", 1.5f).input(x);
    node("Slice", 13)
        .input(x)
        .constant(list(-1, 100))
        .constant(list(-1000, 0))
        .constant(list(1, -1))
        .constant(list(-2, -3));
    node("Slice", 1)
        .withList("starts", 1L, -3L)
        .withList("ends", 1000L, -1L)
        .withList("axes", 1L, 2L)
        .input(x);
    node("Split", 18).with("num_outputs", 4).with("axis", -1).outputs(4).input(drawn.floats(2, 7));
    node("Split", 13).with("axis", 1).outputs(2).input(x).constant(list(1, 4));
    node("ReverseSequence", 10)
        .with("batch_axis", 0)
        .with("time_axis", 1)
        .input(x)
        .input(list(5, 2));
    node("Trilu", 14).with("upper", 0).input(x).constant(scalar(DType.I64, -1));
    node("Trilu", 14).input(x).input(scalar(DType.I64, 2));
    node("DepthToSpace", 13)
        .with("blocksize", 2)
        .with("mode", "CRD")
        .input(drawn.floats(1, 8, 2, 3));
    node("SpaceToDepth", 13).with("blocksize", 2).input(drawn.floats(1, 2, 4, 6));
    node("Reshape", 14).with("allowzero", 0).input(x).constant(list(0, -1, 3, 2));
    node("Flatten", 13).with("axis", -1).input(x);
    node("Expand", 13).input(drawn.floats(3, 1)).constant(list(2, 1, 4));
    node("Tile", 13).input(x).constant(list(1, 2, 2));
    node("CumSum", 14)
        .with("exclusive", 1)
        .with("reverse", 1)
        .input(x)
        .constant(scalar(DType.I32, -1));
    return checked();
  }

  @TestFactory
  Stream<DynamicTest> elements() {
    Tensor ints = drawn.whole(DType.I32, -20, 20, 12);
    Tensor odd = Tensor.of(new int[] {3, -3, 7, -7, 1, 5, -5, 2, -2, 9, -9, 4}, 12);
    Tensor x = drawn.floats(3, 4);
    node("Mod", 13).input(ints).input(odd);
    node("Mod", 13).with("fmod", 1).input(ints).input(odd);
    node("Mod", 13).with("fmod", 1).input(x).input(drawn.floats(4));
    node("Clip", 13).input(x).constant(scalar(DType.F32, 1)).constant(scalar(DType.F32, -1));
    node("Clip", 12).input(ints).leftOut().constant(scalar(DType.I32, 5));
    node("Clip", 6).with("max", 0.3f).input(x);
    float inf = Float.POSITIVE_INFINITY;
    Tensor limits = reals(inf, -inf, Float.NaN, 0, -1.5f);
    node("IsInf", 10).with("detect_negative", 0).input(limits);
    node("IsInf", 10).with("detect_positive", 0).input(limits);
    for (String name : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      for (int version : new int[] {11, 13}) {
        node(name, version).input(drawn.floats(2, 3, 4));
        node(name, version).with("axis", 0).input(drawn.floats(2, 3, 4));
        node(name, version).with("axis", -2).input(drawn.floats(2, 3, 4));
      }
    }
    for (DType to : List.of(DType.F16, DType.F64, DType.I8, DType.I32, DType.I64, DType.BOOL)) {
      node("Cast", 13).with("to", number(to)).input(x);
      node("Cast", 13).with("to", number(to)).input(ints);
    }
    node("Pow", 15).input(ints).input(reals(2));
    node("Pow", 15).input(x).input(Tensor.of(new int[] {3}));
    node("Div", 14).input(ints).input(odd);
    node("BitShift", 11)
        .with("direction", "RIGHT")
        .input(drawn.bytes(6))
        .input(drawn.whole(DType.U8, 0, 8, 6));
    node("Shrink", 9).with("lambd", 0.4f).with("bias", 0.2f).input(x);
    node("PRelu", 16).input(drawn.floats(2, 3, 4)).input(drawn.floats(3, 1));
    node("Celu", 12).with("alpha", 2f).input(x);
    node("Gelu", 20).with("approximate", "tanh").input(x);
    return checked();
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
      node("Reduce" + name, 18).with("keepdims", 0).input(x).constant(list(-1, 0));
      node("Reduce" + name, 18).with("noop_with_empty_axes", 1).input(x);
      node("Reduce" + name, 18).input(ints).constant(list(1));
      node("Reduce" + name, 11).withList("axes", -2L).input(x);
    }
    node("ReduceMax", 20).input(drawn.whole(DType.BOOL, 0, 2, 2, 3, 4)).constant(list(1));
    node("ReduceMin", 20).input(drawn.whole(DType.BOOL, 0, 2, 2, 3, 4)).constant(list(1));
    for (int largest = 0; largest < 2; largest++) {
      node("TopK", 11)
          .with("largest", largest)
          .with("axis", 1)
          .outputs(2)
          .input(x)
          .constant(list(2));
      node("TopK", 11).with("largest", largest).outputs(2).input(ints).constant(list(3));
    }
    for (String equation :
        List.of(
            "bij,bjk->bik", "bij,bij->b", "bij,bij", "...ij,...jk->...ik", "b...j,b...j->...b")) {
      node("Einsum", 12)
          .with("equation", equation)
          .input(drawn.floats(3, 3, 3))
          .input(drawn.floats(3, 3, 3));
    }
    node("Einsum", 12).with("equation", "iij->ji").input(drawn.floats(3, 3, 2));
    node("Einsum", 12)
        .with("equation", "i,j,k->kji")
        .input(drawn.floats(2))
        .input(drawn.floats(3))
        .input(drawn.floats(4));
    node("Einsum", 12).with("equation", "...i -> ...").input(x);
    node("ArgMax", 13).with("axis", -1).with("select_last_index", 1).input(ints);
    return checked();
  }

  @TestFactory
  Stream<DynamicTest> gathers() {
    Tensor x = drawn.floats(3, 4, 5);
    Tensor places = drawn.whole(DType.I64, -4, 4, 3, 2, 5);
    node("Gather", 13).with("axis", -1).input(x).input(drawn.whole(DType.I64, -5, 5, 2, 2));
    node("GatherElements", 13).with("axis", 1).input(x).input(places);
    node("GatherND", 12)
        .with("batch_dims", 1)
        .input(x)
        .input(drawn.whole(DType.I64, -4, 4, 3, 2, 1));
    for (String reduction : List.of("none", "add", "mul", "max", "min")) {
      Tensor distinct = list(1, -1, 0);
      node("ScatterElements", 18)
          .with("reduction", reduction)
          .with("axis", -2)
          .input(x)
          .input(reduction.equals("none") ? Tensor.of(new long[] {-1, 0}, 1, 2, 1) : places)
          .input(reduction.equals("none") ? drawn.floats(1, 2, 1) : drawn.floats(3, 2, 5));
      node("ScatterND", 18)
          .with("reduction", reduction)
          .input(x)
          .input(
              reduction.equals("none")
                  ? Tensor.of(distinct.toLongArray(), 3, 1)
                  : drawn.whole(DType.I64, -3, 3, 4, 1))
          .input(reduction.equals("none") ? drawn.floats(3, 4, 5) : drawn.floats(4, 4, 5));
    }
    node("OneHot", 11)
        .with("axis", 0)
        .input(drawn.whole(DType.I64, -4, 4, 2, 3))
        .constant(scalar(DType.I64, 4))
        .constant(reals(0.5f, 2));
    return checked();
  }

  @TestFactory
  Stream<DynamicTest> windows() {
    Tensor x = drawn.floats(1, 2, 9, 8);
    for (int ceil = 0; ceil < 2; ceil++) {
      for (int include = 0; include < 2; include++) {
        node("AveragePool", 19)
            .with("ceil_mode", ceil)
            .with("count_include_pad", include)
            .withList("kernel_shape", 3L, 2L)
            .withList("strides", 2L, 3L)
            .withList("dilations", 2L, 2L)
            .withList("pads", 1L, 0L, 1L, 1L)
            .input(x);
        node("AveragePool", 11)
            .with("ceil_mode", ceil)
            .with("count_include_pad", include)
            .with("auto_pad", "SAME_LOWER")
            .withList("kernel_shape", 3L, 2L)
            .withList("strides", 2L, 3L)
            .input(x);
      }
      for (int order = 0; order < 2; order++) {
        node("MaxPool", 12)
            .with("ceil_mode", ceil)
            .with("storage_order", order)
            .outputs(2)
            .withList("kernel_shape", 3L, 2L)
            .withList("strides", 2L, 3L)
            .withList("dilations", 1L, 2L)
            .withList("pads", 1L, 0L, 1L, 1L)
            .input(x);
      }
    }
    node("LpPool", 18)
        .with("p", 3)
        .withList("kernel_shape", 2L, 2L)
        .withList("pads", 1L, 0L, 0L, 1L)
        .input(x);
    node("GlobalLpPool", 2).with("p", 3).input(x);
    Tensor filter = drawn.floats(2, 3, 3, 2);
    for (String auto : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
      // Windows overlap: where they do not, ONNX Runtime gives less than the sizes times strides.
      node("ConvTranspose", 11)
          .with("auto_pad", auto)
          .withList("strides", 2L, 2L)
          .input(x)
          .input(filter);
      node("Conv", 11)
          .with("auto_pad", auto)
          .withList("strides", 2L, 3L)
          .input(x)
          .input(drawn.floats(3, 2, 3, 2));
    }
    node("ConvTranspose", 11)
        .withList("output_shape", 20L, 24L)
        .withList("strides", 2L, 3L)
        .input(x)
        .input(filter);
    node("ConvTranspose", 11)
        .with("group", 2)
        .withList("dilations", 2L, 1L)
        .withList("strides", 2L, 2L)
        .withList("output_padding", 1L, 1L)
        .withList("pads", 1L, 0L, 2L, 1L)
        .input(x)
        .input(filter)
        .input(drawn.floats(6));
    for (String mode : List.of("linear", "nearest", "cubic")) {
      for (String padding : List.of("zeros", "border", "reflection")) {
        node("GridSample", 20)
            .with("mode", mode)
            .with("padding_mode", padding)
            .with("align_corners", 1)
            .input(x)
            .input(drawn.floats(1, 3, 4, 2));
      }
    }
    node("GridSample", 20)
        .with("padding_mode", "reflection")
        .input(drawn.floats(1, 2, 3, 4, 5))
        .input(drawn.floats(1, 2, 2, 3, 3));
    Tensor rois = Tensor.of(new float[] {0, 0, 6, 5, 2, 1, 4, 7, 1, 1, 1.5f, 1.5f}, 3, 4);
    for (String mode : List.of("avg", "max")) {
      for (String turn : List.of("half_pixel", "output_half_pixel")) {
        node("RoiAlign", 16)
            .with("mode", mode)
            .with("coordinate_transformation_mode", turn)
            .with("output_height", 2)
            .with("output_width", 3)
            .with("spatial_scale", 0.75f)
            .with("sampling_ratio", mode.equals("avg") ? 0 : 2)
            .input(x)
            .input(rois)
            .input(list(0, 0, 0));
      }
    }
    return checked();
  }

  @TestFactory
  Stream<DynamicTest> resizes() {
    Tensor x = drawn.floats(1, 2, 5, 6);
    for (String mode : List.of("nearest", "linear", "cubic")) {
      for (String turn :
          List.of("half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel")) {
        // ONNX Runtime aligns corners after it has rounded the sizes.
        boolean corners = turn.equals("align_corners");
        OneNode node =
            node("Resize", 19)
                .with("mode", mode)
                .with("coordinate_transformation_mode", turn)
                .input(x)
                .leftOut();
        if (corners) {
          node.leftOut().constant(list(1, 2, 3, 10));
        } else {
          node.constant(reals(1, 1, 0.6f, 1.7f));
        }
      }
      if (!mode.equals("nearest")) {
        node("Resize", 19)
            .with("mode", mode)
            .with("antialias", 1)
            .input(x)
            .leftOut()
            .constant(reals(1, 1, 0.6f, 0.5f));
      }
      if (mode.equals("cubic")) {
        node("Resize", 18)
            .with("mode", mode)
            .with("exclude_outside", 1)
            .with("cubic_coeff_a", -0.5f)
            .input(x)
            .leftOut()
            .constant(reals(1, 1, 0.8f, 2));
      }
      for (String policy : List.of("not_larger", "not_smaller")) {
        node("Resize", 19)
            .with("mode", mode)
            .with("keep_aspect_ratio_policy", policy)
            .withList("axes", 3L, 2L)
            .input(x)
            .leftOut()
            .leftOut()
            .constant(list(8, 9));
      }
    }
    for (String round : List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")) {
      node("Resize", 13)
          .with("nearest_mode", round)
          .input(x)
          .leftOut()
          .constant(reals(1, 1, 0.7f, 2));
    }
    node("Resize", 13)
        .with("mode", "linear")
        .with("coordinate_transformation_mode", "tf_crop_and_resize")
        .with("extrapolation_value", 9f)
        .input(x)
        .constant(reals(0, 0, 0.2f, -0.3f, 1, 1, 0.9f, 0.8f))
        .leftOut()
        .constant(list(1, 2, 4, 5));
    node("Upsample", 9).with("mode", "linear").input(x).constant(reals(1, 1, 2, 1.5f));
    node("Upsample", 7).withList("scales", 1f, 1f, 2f, 1.5f).input(x);
    return checked();
  }

  @TestFactory
  Stream<DynamicTest> recurrent() {
    for (String direction : List.of("forward", "reverse", "bidirectional")) {
      int d = direction.equals("bidirectional") ? 2 : 1;
      Tensor x = drawn.floats(5, 2, 3);
      Tensor lengths = Tensor.of(new int[] {5, 3}, 2);
      Tensor state = drawn.floats(d, 2, 4);
      node("LSTM", 14)
          .with("hidden_size", 4)
          .with("direction", direction)
          .with("clip", 0.8f)
          .outputs(3)
          .input(x)
          .input(drawn.floats(d, 16, 3))
          .input(drawn.floats(d, 16, 4))
          .input(drawn.floats(d, 32))
          .input(lengths)
          .input(state)
          .input(drawn.floats(d, 2, 4))
          .input(drawn.floats(d, 12));
      node("LSTM", 14)
          .with("hidden_size", 4)
          .with("direction", direction)
          .with("input_forget", 1)
          .outputs(3)
          .input(x)
          .input(drawn.floats(d, 16, 3))
          .input(drawn.floats(d, 16, 4));
      for (int before = 0; before < 2; before++) {
        node("GRU", 14)
            .with("hidden_size", 4)
            .with("direction", direction)
            .with("linear_before_reset", before)
            .outputs(2)
            .input(x)
            .input(drawn.floats(d, 12, 3))
            .input(drawn.floats(d, 12, 4))
            .input(drawn.floats(d, 24))
            .input(lengths)
            .input(state);
      }
      node("RNN", 14)
          .with("hidden_size", 4)
          .with("direction", direction)
          .with(
              "activations",
              new OnnxAttribute.Value.Texts(
                  d == 2 ? List.of("LeakyRelu", "Affine") : List.of("Affine")))
          .with(
              "activation_alpha",
              new OnnxAttribute.Value.Reals(d == 2 ? List.of(0.3f, 0.5f) : List.of(0.5f)))
          .with(
              "activation_beta",
              new OnnxAttribute.Value.Reals(d == 2 ? List.of(0f, 0.1f) : List.of(0.1f)))
          .outputs(2)
          .input(x)
          .input(drawn.floats(d, 4, 3))
          .input(drawn.floats(d, 4, 4))
          .input(drawn.floats(d, 8));
    }
    return checked();
  }

  @TestFactory
  Stream<DynamicTest> normsAndLosses() {
    Tensor x = drawn.floats(2, 3, 4);
    node("LayerNormalization", 17)
        .with("axis", 1)
        .outputs(3)
        .input(x)
        .input(drawn.floats(3, 4))
        .input(drawn.floats(3, 4));
    Tensor positive = Tensor.of(new float[] {1, 2, 0.5f}, 3);
    node("BatchNormalization", 15)
        .with("epsilon", 0.01f)
        .input(x)
        .input(drawn.floats(3))
        .input(drawn.floats(3))
        .input(drawn.floats(3))
        .input(positive);
    node("LpNormalization", 1).with("p", 1).with("axis", 1).input(x);
    node("LRN", 13)
        .with("size", 3)
        .with("alpha", 0.1f)
        .with("bias", 2f)
        .input(drawn.floats(1, 5, 2, 2));
    node("MeanVarianceNormalization", 13).withList("axes", 0L, 2L).input(x);
    node("InstanceNormalization", 6).input(x).input(positive).input(positive);
    for (String reduction : List.of("none", "sum", "mean")) {
      for (boolean weighted : new boolean[] {false, true}) {
        Tensor labels = drawn.whole(DType.I64, 0, 3, 2, 4);
        OneNode loss =
            node("NegativeLogLikelihoodLoss", 13)
                .with("reduction", reduction)
                .with("ignore_index", 1)
                .input(x)
                .input(labels);
        OneNode cross =
            node("SoftmaxCrossEntropyLoss", 13)
                .with("reduction", reduction)
                .with("ignore_index", 2)
                .outputs(2)
                .input(x)
                .input(labels);
        if (weighted) {
          loss.input(positive);
          cross.input(positive);
        }
      }
    }
    Tensor scales = reals(0.1f, 0.2f, 0.3f);
    node("QuantizeLinear", 13)
        .with("axis", -2)
        .input(x)
        .constant(scales)
        .constant(Tensor.of(DType.I8, new double[] {1, -5, 0}, 3));
    node("DequantizeLinear", 13)
        .with("axis", 1)
        .input(drawn.whole(DType.I32, -99, 99, 2, 3, 4))
        .constant(scales);
    node("DequantizeLinear", 21)
        .with("axis", 2)
        .with("block_size", 2)
        .input(drawn.bytes(2, 3, 4))
        .constant(drawn.floats(2, 3, 2))
        .constant(drawn.bytes(2, 3, 2));
    return checked();
  }

  @TestFactory
  Stream<DynamicTest> attention() {
    Tensor q = drawn.floats(2, 4, 3, 8);
    Tensor k = drawn.floats(2, 2, 5, 8);
    Tensor v = drawn.floats(2, 2, 5, 6);
    for (int mode = 0; mode < 4; mode++) {
      node("Attention", 23)
          .with("is_causal", mode % 2)
          .with("softcap", mode == 3 ? 0f : 2f)
          .with("qk_matmul_output_mode", mode)
          .outputs(4)
          .input(q)
          .input(k)
          .input(v)
          .input(drawn.floats(3, 8))
          .input(drawn.floats(2, 2, 3, 8))
          .input(drawn.floats(2, 2, 3, 6));
    }
    node("Attention", 23)
        .with("scale", 0.3f)
        .input(q)
        .input(k)
        .input(v)
        .input(drawn.whole(DType.BOOL, 0, 2, 2, 1, 3, 5));
    node("Attention", 23)
        .with("q_num_heads", 4)
        .with("kv_num_heads", 2)
        .with("is_causal", 1)
        .outputs(3)
        .input(drawn.floats(2, 3, 32))
        .input(drawn.floats(2, 3, 16))
        .input(drawn.floats(2, 3, 12));
    node("RotaryEmbedding", 23)
        .with("interleaved", 1)
        .with("rotary_embedding_dim", 4)
        .with("num_heads", 2)
        .input(drawn.floats(2, 3, 16))
        .input(drawn.floats(9, 2))
        .input(drawn.floats(9, 2))
        .input(drawn.whole(DType.I64, 0, 9, 2, 3));
    return checked();
  }
}
