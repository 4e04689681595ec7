package dev.sinter.onnx.rules;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// ONNX Runtime's own operators against what it computes itself.
class MicrosoftPeerTest {
  @TempDir private Path folder = Path.of("");

  private static OneNode node(String opType) {
    return new OneNode(opType, 21).of(MicrosoftRules.DOMAIN);
  }

  private static Tensor scale(float value) {
    return Tensor.of(new float[] {value});
  }

  private static Tensor point(DType dtype, long value) {
    Tensor tensor = Tensor.zeros(dtype);
    tensor.setLong(0, value);
    return tensor;
  }

  /// Weights of 7 bits: ONNX Runtime's sums of two products saturate at 16 on some processors.
  private static Tensor signed(Drawn drawn, long... shape) {
    return drawn.whole(DType.I8, -64, 64, shape);
  }

  private static Tensor ints(int... values) {
    return Tensor.of(values, values.length);
  }

  @TestFactory
  Stream<DynamicTest> elements() {
    Drawn drawn = new Drawn(1);
    Tensor x = drawn.floats(3, 4, 6);
    Tensor bias = drawn.floats(6);
    return all(
        node("Gelu").input(x),
        node("BiasGelu").input(x).input(bias),
        node("FastGelu").input(x).input(bias),
        node("FastGelu").input(x),
        node("QuickGelu").input(x),
        node("QuickGelu").with("alpha", 0.5f).input(x));
  }

  @TestFactory
  Stream<DynamicTest> products() {
    Drawn drawn = new Drawn(2);
    Tensor a = drawn.floats(2, 3, 4);
    Tensor b = drawn.floats(2, 4, 5);
    Tensor weights = signed(drawn, 4, 5);
    Tensor scales = Tensor.of(new float[] {0.1f, 0.2f, 0.3f, 0.4f, 0.5f}, 5);
    return all(
        node("FusedMatMul").with("alpha", 0.5f).input(a).input(b),
        node("FusedMatMul").with("transA", 1).input(drawn.floats(2, 4, 3)).input(b),
        node("FusedMatMul").with("transB", 1).input(a).input(drawn.floats(2, 5, 4)),
        node("FusedMatMul").with("transBatchA", 1).input(drawn.floats(3, 2, 4)).input(b),
        node("FusedMatMul")
            .with("transBatchB", 1)
            .with("transB", 1)
            .input(a)
            .input(drawn.floats(5, 2, 4)),
        node("FusedGemm")
            .with("activation", "LeakyRelu")
            .with("activation_alpha", 0.3f)
            .with("transB", 1)
            .with("alpha", 2f)
            .input(drawn.floats(3, 4))
            .input(drawn.floats(5, 4))
            .input(drawn.floats(5)),
        node("DynamicQuantizeMatMul").input(a).input(weights).input(scale(0.1f)),
        node("DynamicQuantizeMatMul")
            .input(a)
            .constant(weights)
            .constant(scales)
            .constant(drawn.whole(DType.I8, -9, 9, 5))
            .constant(drawn.floats(5)),
        node("MatMulIntegerToFloat")
            .input(drawn.bytes(3, 4))
            .input(weights)
            .input(scale(0.2f))
            .input(scales)
            .input(point(DType.U8, 120))
            .input(drawn.whole(DType.I8, -9, 9, 5))
            .input(drawn.floats(5)),
        node("QGemm")
            .with("alpha", 0.5f)
            .with("transB", 1)
            .input(drawn.bytes(3, 4))
            .input(scale(0.2f))
            .input(point(DType.U8, 120))
            .input(signed(drawn, 5, 4))
            .input(scales)
            .input(drawn.whole(DType.I8, 0, 1, 5))
            .input(drawn.whole(DType.I32, -99, 99, 5))
            .input(scale(3))
            .input(point(DType.U8, 100)),
        node("QGemm")
            .with("transA", 1)
            .input(drawn.bytes(4, 3))
            .input(scale(0.2f))
            .input(point(DType.U8, 120))
            .input(drawn.bytes(4, 5))
            .input(scale(0.1f))
            .input(point(DType.U8, 7)));
  }

  private static OneNode blocks(int bits, long k, long n, long block, Tensor x) {
    return node("MatMulNBits")
        .with("K", k)
        .with("N", n)
        .with("bits", bits)
        .with("block_size", block)
        .input(x);
  }

  @TestFactory
  Stream<DynamicTest> productsByFewBits() {
    Drawn drawn = new Drawn(3);
    Tensor x = drawn.floats(2, 3, 40);
    Tensor packed = drawn.bytes(5, 3, 8);
    Tensor wide = drawn.bytes(5, 3, 16);
    Tensor scales = drawn.floats(15);
    Tensor bias = drawn.floats(5);
    return all(
        blocks(4, 40, 5, 16, x).constant(packed).constant(scales),
        blocks(4, 40, 5, 16, x).constant(packed).constant(scales).constant(drawn.bytes(10)),
        blocks(4, 40, 5, 16, x)
            .constant(packed)
            .constant(scales)
            .constant(drawn.floats(15))
            .leftOut()
            .constant(bias),
        blocks(8, 40, 5, 16, x).constant(wide).constant(scales),
        blocks(8, 40, 5, 16, x)
            .constant(wide)
            .constant(scales)
            .constant(drawn.bytes(15))
            .leftOut()
            .constant(bias));
  }

  @TestFactory
  Stream<DynamicTest> quantizedElements() {
    Drawn drawn = new Drawn(4);
    List<OneNode> all = new ArrayList<>();
    for (DType dtype : List.of(DType.U8, DType.I8)) {
      int low = dtype == DType.U8 ? 0 : -128;
      Tensor x = drawn.whole(dtype, low, low + 256, 2, 3, 4, 4);
      Tensor y = drawn.whole(dtype, low, low + 256, 4);
      Tensor zero = point(dtype, low + 100);
      for (String pair : List.of("QLinearAdd", "QLinearMul")) {
        all.add(
            node(pair)
                .input(x)
                .input(scale(0.1f))
                .input(zero)
                .input(y)
                .input(scale(0.03f))
                .input(point(dtype, low + 9))
                .input(scale(0.2f))
                .input(zero));
      }
      for (String one : List.of("QLinearSigmoid", "QLinearLeakyRelu")) {
        all.add(
            node(one)
                .input(x)
                .constant(scale(0.05f))
                .constant(zero)
                .constant(scale(0.02f))
                .constant(point(dtype, low + 3)));
      }
      for (int opset : new int[] {11, 13}) {
        all.add(
            node("QLinearSoftmax")
                .with("opset", opset)
                .with("axis", 2)
                .input(x)
                .constant(scale(0.05f))
                .constant(zero)
                .constant(scale(1 / 256f))
                .constant(point(dtype, low)));
      }
      all.add(
          node("QLinearConcat")
              .with("axis", 1)
              .constant(scale(0.1f))
              .constant(zero)
              .input(x)
              .constant(scale(0.05f))
              .constant(point(dtype, low + 8))
              .input(x)
              .constant(scale(0.2f))
              .constant(zero));
    }
    return all(all.toArray(OneNode[]::new));
  }

  @TestFactory
  Stream<DynamicTest> images() {
    Drawn drawn = new Drawn(5);
    Tensor x = drawn.floats(1, 4, 5, 5);
    Tensor filter = drawn.floats(3, 4, 3, 3);
    Tensor bytes = drawn.bytes(2, 5, 6, 3);
    return all(
        node("FusedConv")
            .with("activation", "Relu")
            .withList("pads", 1L, 1L, 1L, 1L)
            .input(x)
            .constant(filter)
            .constant(drawn.floats(3))
            .input(drawn.floats(1, 3, 5, 5)),
        node("FusedConv")
            .with("activation", "Clip")
            .withList("activation_params", -0.5f, 0.5f)
            .input(x)
            .constant(filter),
        node("FusedConv")
            .with("activation", "HardSigmoid")
            .withList("activation_params", 0.3f, 0.4f)
            .input(x)
            .constant(filter),
        node("NhwcMaxPool")
            .withList("kernel_shape", 2L, 3L)
            .withList("strides", 2L, 1L)
            .withList("pads", 1L, 0L, 0L, 1L)
            .input(bytes),
        node("QLinearAveragePool")
            .with("channels_last", 1)
            .withList("kernel_shape", 2L, 3L)
            .withList("pads", 1L, 0L, 0L, 1L)
            .input(bytes)
            .constant(scale(0.1f))
            .constant(point(DType.U8, 8))
            .constant(scale(0.05f))
            .constant(point(DType.U8, 20)),
        node("QLinearGlobalAveragePool")
            .with("channels_last", 1)
            .input(bytes)
            .constant(scale(0.1f))
            .constant(point(DType.U8, 8))
            .constant(scale(0.05f))
            .constant(point(DType.U8, 20)),
        node("QLinearGlobalAveragePool")
            .with("channels_last", 0)
            .input(bytes)
            .constant(scale(0.1f))
            .constant(point(DType.U8, 8))
            .constant(scale(0.05f))
            .constant(point(DType.U8, 20)));
  }

  @TestFactory
  Stream<DynamicTest> norms() {
    Drawn drawn = new Drawn(6);
    Tensor x = drawn.floats(2, 3, 6);
    Tensor gamma = drawn.floats(6);
    Tensor beta = drawn.floats(6);
    Tensor words = drawn.whole(DType.I32, 0, 7, 2, 3);
    return all(
        new OneNode("SimplifiedLayerNormalization", 21).input(x).input(gamma),
        node("SkipLayerNormalization").input(x).input(x).input(gamma).input(beta).input(gamma),
        node("SkipLayerNormalization").input(x).input(drawn.floats(3, 6)).input(gamma),
        node("SkipSimplifiedLayerNormalization")
            .with("epsilon", 0.01f)
            .input(x)
            .input(drawn.floats(1, 3, 6))
            .input(gamma)
            .input(beta),
        node("EmbedLayerNormalization")
            .outputs(2)
            .input(words)
            .input(drawn.whole(DType.I32, 0, 2, 2, 3))
            .input(drawn.floats(7, 6))
            .input(drawn.floats(5, 6))
            .input(drawn.floats(2, 6))
            .input(gamma)
            .input(beta)
            .input(Tensor.of(new int[] {1, 1, 0, 1, 1, 1}, 2, 3)));
  }

  @TestFactory
  Stream<DynamicTest> attention() {
    Drawn drawn = new Drawn(7);
    Tensor x = drawn.floats(2, 3, 8);
    Tensor weight = drawn.floats(8, 24);
    Tensor bias = drawn.floats(24);
    Tensor past = drawn.floats(2, 2, 2, 5, 4);
    Tensor keys = drawn.floats(2, 5, 8);
    Tensor cache = drawn.floats(2, 2, 4, 4);
    Tensor cos = drawn.floats(9, 2);
    Tensor sin = drawn.floats(9, 2);
    return all(
        heads("Attention").input(x).input(weight).input(bias),
        heads("Attention").with("unidirectional", 1).input(x).input(weight).input(bias),
        heads("Attention").input(x).input(weight).input(bias).input(ints(2, 3)),
        heads("Attention").input(x).input(weight).input(bias).input(ints(2, 3, 1, 0)),
        heads("Attention")
            .outputs(2)
            .with("unidirectional", 1)
            .input(x)
            .input(weight)
            .input(bias)
            .input(drawn.whole(DType.I32, 0, 2, 2, 8))
            .input(past),
        heads("MultiHeadAttention").input(x).input(keys).input(keys).input(bias),
        heads("MultiHeadAttention").input(x).input(cache).input(cache),
        heads("MultiHeadAttention")
            .with("unidirectional", 1)
            .outputs(3)
            .input(x)
            .input(x)
            .input(x)
            .leftOut()
            .leftOut()
            .input(drawn.floats(2, 2, 3, 7))
            .input(cache)
            .input(cache),
        heads("QAttention")
            .input(drawn.bytes(2, 3, 8))
            .constant(signed(drawn, 8, 24))
            .constant(bias)
            .constant(scale(0.01f))
            .constant(scale(0.01f))
            .leftOut()
            .constant(point(DType.U8, 128))
            .constant(point(DType.I8, 2)),
        heads("QAttention")
            .outputs(2)
            .with("unidirectional", 1)
            .input(drawn.bytes(2, 3, 8))
            .constant(drawn.bytes(8, 24))
            .constant(bias)
            .constant(scale(0.01f))
            .constant(scale(0.01f))
            .leftOut()
            .constant(point(DType.U8, 128))
            .constant(point(DType.U8, 120))
            .input(past),
        node("RotaryEmbedding")
            .input(drawn.floats(2, 2, 3, 4))
            .input(drawn.whole(DType.I64, 0, 9, 2, 3))
            .input(cos)
            .input(sin),
        node("RotaryEmbedding")
            .with("interleaved", 1)
            .input(drawn.floats(2, 3, 8))
            .input(Tensor.of(new long[] {4}, 1))
            .input(cos)
            .input(sin));
  }

  private static OneNode heads(String opType) {
    return node(opType).with("num_heads", 2);
  }

  private static OneNode groups() {
    return node("GroupQueryAttention").with("num_heads", 4).with("kv_num_heads", 2);
  }

  /// A prompt of two lengths, a further token of each example, and a further prompt of one example.
  @TestFactory
  Stream<DynamicTest> groupsOfQueries() {
    Drawn drawn = new Drawn(8);
    Tensor q = drawn.floats(2, 3, 64);
    Tensor k = drawn.floats(2, 3, 32);
    Tensor one = drawn.floats(2, 1, 64);
    Tensor oneKey = drawn.floats(2, 1, 32);
    Tensor past = drawn.floats(2, 2, 5, 16);
    Tensor cos = drawn.floats(9, 8);
    Tensor sin = drawn.floats(9, 8);
    Tensor total = Tensor.of(new int[] {6}, 1);
    Tensor prompt = Tensor.of(new int[] {3}, 1);
    List<OneNode> all = new ArrayList<>();
    all.add(
        groups()
            .outputs(3)
            .input(q)
            .input(k)
            .input(k)
            .leftOut()
            .leftOut()
            .input(ints(2, 2))
            .constant(prompt));
    all.add(
        groups()
            .outputs(3)
            .input(drawn.floats(2, 3, 128))
            .leftOut()
            .leftOut()
            .leftOut()
            .leftOut()
            .input(ints(2, 2))
            .constant(prompt));
    for (int variant = 0; variant < 6; variant++) {
      OneNode node = groups().outputs(3).with("do_rotary", 1).with("scale", 0.3f);
      switch (variant) {
        case 1 -> node.with("rotary_interleaved", 1);
        case 2 -> node.with("local_window_size", 2);
        case 3 -> node.with("softcap", 1.5f);
        case 4 -> node.with("smooth_softmax", 1);
        default -> {}
      }
      node.input(one)
          .input(oneKey)
          .input(oneKey)
          .input(past)
          .input(past)
          .input(ints(5, 5))
          .constant(total)
          .input(cos)
          .input(sin);
      if (variant == 5) {
        node.leftOut().input(drawn.floats(2, 4, 1, 6)).input(drawn.floats(4));
      }
      all.add(node);
    }
    all.add(
        groups()
            .outputs(3)
            .with("do_rotary", 1)
            .with("local_window_size", 3)
            .input(drawn.floats(1, 3, 64))
            .input(drawn.floats(1, 3, 32))
            .input(drawn.floats(1, 3, 32))
            .input(drawn.floats(1, 2, 5, 16))
            .input(drawn.floats(1, 2, 5, 16))
            .input(ints(7))
            .constant(Tensor.of(new int[] {8}, 1))
            .input(cos)
            .input(sin));
    return all(all.toArray(OneNode[]::new));
  }

  private Stream<DynamicTest> all(OneNode... nodes) {
    return PeerCheck.all(folder, nodes);
  }
}
