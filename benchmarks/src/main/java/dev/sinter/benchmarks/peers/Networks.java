package dev.sinter.benchmarks.peers;

import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The networks of the suite, by name and numbers.
final class Networks {
  /// A network.
  ///
  /// @param numbers how many sizes it has
  private record Network(int numbers, Function<int[], OnnxModel> make) {}

  private static final Map<String, Network> ALL =
      Map.ofEntries(
          Map.entry("resnet50", new Network(1, n -> resnet50(n[0]))),
          Map.entry("vgg16", new Network(1, n -> vgg16(n[0]))),
          Map.entry("mobilenetv2", new Network(1, n -> mobilenet(n[0]))),
          Map.entry("gpt2", new Network(2, n -> Gpt2.prompt(n[0], n[1]))),
          Map.entry("gpt2-decode", new Network(2, n -> Gpt2.decode(n[0], n[1]))),
          Map.entry("lstm", new Network(2, n -> lstm(n[0], n[1]))),
          Map.entry("mlp", new Network(1, n -> mlp(n[0]))),
          Map.entry("lenet", new Network(1, n -> lenet(n[0]))),
          Map.entry("softmax", new Network(2, n -> softmax(n[0], n[1]))),
          Map.entry("layernorm", new Network(2, n -> layerNorm(n[0], n[1]))),
          Map.entry("gemm", new Network(3, n -> gemm(n[0], n[1], n[2]))));

  private Networks() {}

  /// Whether there is such a network with so many sizes.
  static boolean has(String name, int numbers) {
    Network network = ALL.get(name);
    return network != null && network.numbers() == numbers;
  }

  /// @param sizes what the network's line in the table of rows gives
  /// @throws IllegalArgumentException if there is no such network
  static OnnxModel of(String name, int... sizes) {
    Network network = ALL.get(name);
    if (network == null || network.numbers() != sizes.length) {
      throw new IllegalArgumentException(
          "there is no network %s of %d sizes".formatted(name, sizes.length));
    }
    return network.make().apply(sizes);
  }

  /// He et al., 2015, with the stride in the 3x3 convolution (version 1.5).
  private static OnnxModel resnet50(int batch) {
    NetBuilder b = new NetBuilder();
    String x = b.input("image", DType.F32, batch, 3, 224, 224);
    x = b.relu(b.norm(b.conv(x, 3, 64, 7, 2, 1, false), 64, 1));
    x = pool(b, x, 3, 2, 1);
    int channels = 64;
    int[] depths = {3, 4, 6, 3};
    for (int layer = 0; layer < depths.length; layer++) {
      int width = 64 << layer;
      for (int block = 0; block < depths[layer]; block++) {
        int stride = layer > 0 && block == 0 ? 2 : 1;
        String y = b.relu(b.norm(b.conv(x, channels, width, 1, 1, 1, false), width, 1));
        y = b.relu(b.norm(b.conv(y, width, width, 3, stride, 1, false), width, 1));
        y = b.norm(b.conv(y, width, 4 * width, 1, 1, 1, false), 4 * width, 0.3);
        String around =
            block == 0
                ? b.norm(b.conv(x, channels, 4 * width, 1, stride, 1, false), 4 * width, 1)
                : x;
        x = b.relu(b.add("Add", List.of(y, around)));
        channels = 4 * width;
      }
    }
    x = b.add("Flatten", List.of(b.add("GlobalAveragePool", List.of(x))));
    return b.model(b.gemm(x, channels, 1000), batch, 1000);
  }

  /// Simonyan and Zisserman, 2014, configuration D.
  private static OnnxModel vgg16(int batch) {
    NetBuilder b = new NetBuilder();
    String x = b.input("image", DType.F32, batch, 3, 224, 224);
    int channels = 3;
    int[] widths = {64, 128, 256, 512, 512};
    int[] depths = {2, 2, 3, 3, 3};
    for (int stage = 0; stage < widths.length; stage++) {
      for (int i = 0; i < depths[stage]; i++) {
        x = b.relu(b.conv(x, channels, widths[stage], 3, 1, 1, true));
        channels = widths[stage];
      }
      x = pool(b, x, 2, 2, 0);
    }
    x = b.add("Flatten", List.of(x));
    x = b.relu(b.gemm(x, channels * 7 * 7, 4096));
    x = b.relu(b.gemm(x, 4096, 4096));
    return b.model(b.gemm(x, 4096, 1000), batch, 1000);
  }

  /// Sandler et al., 2018, width 1.
  private static OnnxModel mobilenet(int batch) {
    NetBuilder b = new NetBuilder();
    String x = b.input("image", DType.F32, batch, 3, 224, 224);
    x = relu6(b, b.norm(b.conv(x, 3, 32, 3, 2, 1, false), 32, 1));
    int channels = 32;
    // Expansion, channels, blocks, stride of the first.
    int[][] stages = {
      {1, 16, 1, 1},
      {6, 24, 2, 2},
      {6, 32, 3, 2},
      {6, 64, 4, 2},
      {6, 96, 3, 1},
      {6, 160, 3, 2},
      {6, 320, 1, 1}
    };
    for (int[] stage : stages) {
      for (int i = 0; i < stage[2]; i++) {
        int stride = i == 0 ? stage[3] : 1;
        int wide = channels * stage[0];
        String y = x;
        if (stage[0] > 1) {
          y = relu6(b, b.norm(b.conv(y, channels, wide, 1, 1, 1, false), wide, 1));
        }
        y = relu6(b, b.norm(b.conv(y, wide, wide, 3, stride, wide, false), wide, 1));
        y = b.norm(b.conv(y, wide, stage[1], 1, 1, 1, false), stage[1], 1);
        x = stride == 1 && channels == stage[1] ? b.add("Add", List.of(x, y)) : y;
        channels = stage[1];
      }
    }
    x = relu6(b, b.norm(b.conv(x, channels, 1280, 1, 1, 1, false), 1280, 1));
    x = b.add("Flatten", List.of(b.add("GlobalAveragePool", List.of(x))));
    return b.model(b.gemm(x, 1280, 1000), batch, 1000);
  }

  private static String relu6(NetBuilder b, String x) {
    String zero = b.constant(Tensor.of(new float[] {0}));
    String six = b.constant(Tensor.of(new float[] {6}));
    return b.add("Clip", List.of(x, zero, six));
  }

  private static String pool(NetBuilder b, String x, int window, int stride, int pad) {
    return b.add(
        "MaxPool",
        List.of(x),
        "kernel_shape",
        new long[] {window, window},
        "strides",
        new long[] {stride, stride},
        "pads",
        new long[] {pad, pad, pad, pad});
  }

  /// Two layers with 128 cells each.
  private static OnnxModel lstm(int batch, int steps) {
    int width = 128;
    NetBuilder b = new NetBuilder();
    String x = b.input("x", DType.F32, steps, batch, width);
    for (int layer = 0; layer < 2; layer++) {
      x =
          b.add(
              "LSTM",
              List.of(
                  x,
                  b.weight(0, 0.1, 1, 4L * width, width),
                  b.weight(0, 0.1, 1, 4L * width, width),
                  b.weight(0, 0.1, 1, 8L * width)),
              "hidden_size",
              width);
      x = b.add("Squeeze", List.of(x, b.sizes(1)));
    }
    return b.model(x, steps, batch, width);
  }

  private static OnnxModel mlp(int batch) {
    NetBuilder b = new NetBuilder();
    String x = b.input("x", DType.F32, batch, 784);
    x = b.relu(b.gemm(x, 784, 512));
    x = b.relu(b.gemm(x, 512, 512));
    return b.model(b.gemm(x, 512, 10), batch, 10);
  }

  /// LeCun et al., 1998, with ReLU and max pooling.
  private static OnnxModel lenet(int batch) {
    NetBuilder b = new NetBuilder();
    String x = b.input("x", DType.F32, batch, 1, 28, 28);
    x = pool(b, b.relu(b.conv(x, 1, 6, 5, 1, 1, true)), 2, 2, 0);
    x =
        b.add(
            "Conv",
            List.of(x, b.weight(0, 0.1, 16, 6, 5, 5), b.weight(0, 0.1, 16)),
            "kernel_shape",
            new long[] {5, 5});
    x = b.add("Flatten", List.of(pool(b, b.relu(x), 2, 2, 0)));
    x = b.relu(b.gemm(x, 400, 120));
    x = b.relu(b.gemm(x, 120, 84));
    return b.model(b.gemm(x, 84, 10), batch, 10);
  }

  private static OnnxModel softmax(int rows, int columns) {
    NetBuilder b = new NetBuilder();
    String x = b.input("x", DType.F32, rows, columns);
    return b.model(b.add("Softmax", List.of(x), "axis", -1), rows, columns);
  }

  private static OnnxModel layerNorm(int rows, int columns) {
    NetBuilder b = new NetBuilder();
    String x = b.input("x", DType.F32, rows, columns);
    return b.model(b.layerNorm(x, columns), rows, columns);
  }

  private static OnnxModel gemm(int rows, int inner, int columns) {
    NetBuilder b = new NetBuilder();
    String x = b.input("x", DType.F32, rows, inner);
    String w = b.weight(0, Math.sqrt(1.0 / inner), inner, columns);
    return b.model(b.add("MatMul", List.of(x, w)), rows, columns);
  }
}
