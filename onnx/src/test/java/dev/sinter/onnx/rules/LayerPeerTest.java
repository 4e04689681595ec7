package dev.sinter.onnx.rules;

import static dev.sinter.onnx.rules.Drawn.list;
import static dev.sinter.onnx.rules.Drawn.reals;

import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Attributes of ONNX's operators that are layers of networks, as many together as may be, against
/// ONNX Runtime.
class LayerPeerTest {
  @TempDir private Path folder = Path.of("");

  private final Drawn drawn = new Drawn(31);
  private final PeerNodes nodes = new PeerNodes();

  @TestFactory
  Stream<DynamicTest> windows() {
    Tensor x = drawn.floats(1, 2, 9, 8);
    for (int ceil = 0; ceil < 2; ceil++) {
      for (int include = 0; include < 2; include++) {
        nodes
            .node("AveragePool", 19)
            .with("ceil_mode", ceil)
            .with("count_include_pad", include)
            .withList("kernel_shape", 3L, 2L)
            .withList("strides", 2L, 3L)
            .withList("dilations", 2L, 2L)
            .withList("pads", 1L, 0L, 1L, 1L)
            .input(x);
        nodes
            .node("AveragePool", 11)
            .with("ceil_mode", ceil)
            .with("count_include_pad", include)
            .with("auto_pad", "SAME_LOWER")
            .withList("kernel_shape", 3L, 2L)
            .withList("strides", 2L, 3L)
            .input(x);
      }
      for (int order = 0; order < 2; order++) {
        nodes
            .node("MaxPool", 12)
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
    nodes
        .node("LpPool", 18)
        .with("p", 3)
        .withList("kernel_shape", 2L, 2L)
        .withList("pads", 1L, 0L, 0L, 1L)
        .input(x);
    nodes.node("GlobalLpPool", 2).with("p", 3).input(x);
    Tensor filter = drawn.floats(2, 3, 3, 2);
    for (String auto : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
      // Windows overlap: where they do not, ONNX Runtime gives less than the sizes times strides.
      nodes
          .node("ConvTranspose", 11)
          .with("auto_pad", auto)
          .withList("strides", 2L, 2L)
          .input(x)
          .input(filter);
      nodes
          .node("Conv", 11)
          .with("auto_pad", auto)
          .withList("strides", 2L, 3L)
          .input(x)
          .input(drawn.floats(3, 2, 3, 2));
    }
    nodes
        .node("ConvTranspose", 11)
        .withList("output_shape", 20L, 24L)
        .withList("strides", 2L, 3L)
        .input(x)
        .input(filter);
    nodes
        .node("ConvTranspose", 11)
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
        nodes
            .node("GridSample", 20)
            .with("mode", mode)
            .with("padding_mode", padding)
            .with("align_corners", 1)
            .input(x)
            .input(drawn.floats(1, 3, 4, 2));
      }
    }
    nodes
        .node("GridSample", 20)
        .with("padding_mode", "reflection")
        .input(drawn.floats(1, 2, 3, 4, 5))
        .input(drawn.floats(1, 2, 2, 3, 3));
    Tensor rois = Tensor.of(new float[] {0, 0, 6, 5, 2, 1, 4, 7, 1, 1, 1.5f, 1.5f}, 3, 4);
    for (String mode : List.of("avg", "max")) {
      for (String turn : List.of("half_pixel", "output_half_pixel")) {
        nodes
            .node("RoiAlign", 16)
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
    return nodes.checked(folder);
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
            nodes
                .node("Resize", 19)
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
        nodes
            .node("Resize", 19)
            .with("mode", mode)
            .with("antialias", 1)
            .input(x)
            .leftOut()
            .constant(reals(1, 1, 0.6f, 0.5f));
      }
      if (mode.equals("cubic")) {
        nodes
            .node("Resize", 18)
            .with("mode", mode)
            .with("exclude_outside", 1)
            .with("cubic_coeff_a", -0.5f)
            .input(x)
            .leftOut()
            .constant(reals(1, 1, 0.8f, 2));
      }
      for (String policy : List.of("not_larger", "not_smaller")) {
        nodes
            .node("Resize", 19)
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
      nodes
          .node("Resize", 13)
          .with("nearest_mode", round)
          .input(x)
          .leftOut()
          .constant(reals(1, 1, 0.7f, 2));
    }
    nodes
        .node("Resize", 13)
        .with("mode", "linear")
        .with("coordinate_transformation_mode", "tf_crop_and_resize")
        .with("extrapolation_value", 9f)
        .input(x)
        .constant(reals(0, 0, 0.2f, -0.3f, 1, 1, 0.9f, 0.8f))
        .leftOut()
        .constant(list(1, 2, 4, 5));
    nodes.node("Upsample", 9).with("mode", "linear").input(x).constant(reals(1, 1, 2, 1.5f));
    nodes.node("Upsample", 7).withList("scales", 1f, 1f, 2f, 1.5f).input(x);
    return nodes.checked(folder);
  }

  @TestFactory
  Stream<DynamicTest> recurrent() {
    for (String direction : List.of("forward", "reverse", "bidirectional")) {
      int d = direction.equals("bidirectional") ? 2 : 1;
      Tensor x = drawn.floats(5, 2, 3);
      Tensor lengths = Tensor.of(new int[] {5, 3}, 2);
      Tensor state = drawn.floats(d, 2, 4);
      nodes
          .node("LSTM", 14)
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
      nodes
          .node("LSTM", 14)
          .with("hidden_size", 4)
          .with("direction", direction)
          .with("input_forget", 1)
          .outputs(3)
          .input(x)
          .input(drawn.floats(d, 16, 3))
          .input(drawn.floats(d, 16, 4));
      for (int before = 0; before < 2; before++) {
        nodes
            .node("GRU", 14)
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
      nodes
          .node("RNN", 14)
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
    return nodes.checked(folder);
  }

  @TestFactory
  Stream<DynamicTest> normsAndLosses() {
    Tensor x = drawn.floats(2, 3, 4);
    nodes
        .node("LayerNormalization", 17)
        .with("axis", 1)
        .outputs(3)
        .input(x)
        .input(drawn.floats(3, 4))
        .input(drawn.floats(3, 4));
    Tensor positive = Tensor.of(new float[] {1, 2, 0.5f}, 3);
    nodes
        .node("BatchNormalization", 15)
        .with("epsilon", 0.01f)
        .input(x)
        .input(drawn.floats(3))
        .input(drawn.floats(3))
        .input(drawn.floats(3))
        .input(positive);
    nodes.node("LpNormalization", 1).with("p", 1).with("axis", 1).input(x);
    nodes
        .node("LRN", 13)
        .with("size", 3)
        .with("alpha", 0.1f)
        .with("bias", 2f)
        .input(drawn.floats(1, 5, 2, 2));
    nodes.node("MeanVarianceNormalization", 13).withList("axes", 0L, 2L).input(x);
    nodes.node("InstanceNormalization", 6).input(x).input(positive).input(positive);
    for (String reduction : List.of("none", "sum", "mean")) {
      for (boolean weighted : new boolean[] {false, true}) {
        Tensor labels = drawn.whole(DType.I64, 0, 3, 2, 4);
        OneNode loss =
            nodes
                .node("NegativeLogLikelihoodLoss", 13)
                .with("reduction", reduction)
                .with("ignore_index", 1)
                .input(x)
                .input(labels);
        OneNode cross =
            nodes
                .node("SoftmaxCrossEntropyLoss", 13)
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
    nodes
        .node("QuantizeLinear", 13)
        .with("axis", -2)
        .input(x)
        .constant(scales)
        .constant(Tensor.of(DType.I8, new double[] {1, -5, 0}, 3));
    nodes
        .node("DequantizeLinear", 13)
        .with("axis", 1)
        .input(drawn.whole(DType.I32, -99, 99, 2, 3, 4))
        .constant(scales);
    nodes
        .node("DequantizeLinear", 21)
        .with("axis", 2)
        .with("block_size", 2)
        .input(drawn.bytes(2, 3, 4))
        .constant(drawn.floats(2, 3, 2))
        .constant(drawn.bytes(2, 3, 2));
    return nodes.checked(folder);
  }

  @TestFactory
  Stream<DynamicTest> attention() {
    Tensor q = drawn.floats(2, 4, 3, 8);
    Tensor k = drawn.floats(2, 2, 5, 8);
    Tensor v = drawn.floats(2, 2, 5, 6);
    for (int mode = 0; mode < 4; mode++) {
      nodes
          .node("Attention", 23)
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
    nodes
        .node("Attention", 23)
        .with("scale", 0.3f)
        .input(q)
        .input(k)
        .input(v)
        .input(drawn.whole(DType.BOOL, 0, 2, 2, 1, 3, 5));
    nodes
        .node("Attention", 23)
        .with("q_num_heads", 4)
        .with("kv_num_heads", 2)
        .with("is_causal", 1)
        .outputs(3)
        .input(drawn.floats(2, 3, 32))
        .input(drawn.floats(2, 3, 16))
        .input(drawn.floats(2, 3, 12));
    nodes
        .node("RotaryEmbedding", 23)
        .with("interleaved", 1)
        .with("rotary_embedding_dim", 4)
        .with("num_heads", 2)
        .input(drawn.floats(2, 3, 16))
        .input(drawn.floats(9, 2))
        .input(drawn.floats(9, 2))
        .input(drawn.whole(DType.I64, 0, 9, 2, 3));
    return nodes.checked(folder);
  }
}
