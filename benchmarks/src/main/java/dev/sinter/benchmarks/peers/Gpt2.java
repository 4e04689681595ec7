package dev.sinter.benchmarks.peers;

import dev.sinter.onnx.model.OnnxModel;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.List;

/// GPT-2 small (Radford et al., 2019): for a prompt, or for one token more.
final class Gpt2 {
  private static final int WIDTH = 768;
  private static final int HEADS = 12;
  private static final int LAYERS = 12;
  private static final int TOKENS = 50_257;
  private static final int CONTEXT = 1024;

  private final NetBuilder b = new NetBuilder();
  private final int batch;
  private final int length;

  private Gpt2(int batch, int length) {
    this.batch = batch;
    this.length = length;
  }

  /// All logits of a prompt.
  static OnnxModel prompt(int batch, int length) {
    return new Gpt2(batch, length).prompt();
  }

  /// The logits of one token after `past` others, whose keys and values are arguments; those of all
  /// tokens are results.
  static OnnxModel decode(int batch, int past) {
    return new Gpt2(batch, 1).decode(past);
  }

  private OnnxModel prompt() {
    String tokens = b.input("tokens", DType.I64, batch, length);
    String table = b.weight(0, 0.02, TOKENS, WIDTH);
    String x = b.add("Gather", List.of(table, tokens));
    x = b.add("Add", List.of(x, b.weight(0, 0.02, length, WIDTH)));
    Tensor hidden = Tensor.allocate(DType.F32, length, length);
    for (int i = 0; i < length * length; i++) {
      hidden.setDouble(i, i % length > i / length ? -1e9 : 0);
    }
    String mask = b.constant(hidden);
    for (int layer = 0; layer < LAYERS; layer++) {
      List<String> parts = parts(x);
      String q = heads(parts.get(0), 0, 2, 1, 3);
      String k = heads(parts.get(1), 0, 2, 3, 1);
      String v = heads(parts.get(2), 0, 2, 1, 3);
      String weights = b.add("Softmax", List.of(b.add("Add", List.of(scores(q, k), mask))));
      x = rest(x, b.add("MatMul", List.of(weights, v)));
    }
    return b.model(logits(x, table), batch, length, TOKENS);
  }

  private OnnxModel decode(int past) {
    String token = b.input("token", DType.I64, batch, 1);
    String position = b.input("position", DType.I64, batch, 1);
    String table = b.weight(0, 0.02, TOKENS, WIDTH);
    String place = b.add("Gather", List.of(b.weight(0, 0.02, CONTEXT, WIDTH), position));
    String x = b.add("Add", List.of(b.add("Gather", List.of(table, token)), place));
    for (int layer = 0; layer < LAYERS; layer++) {
      List<String> parts = parts(x);
      String q = heads(parts.get(0), 0, 2, 1, 3);
      String k = remembered("key" + layer, parts.get(1), past);
      String v = remembered("value" + layer, parts.get(2), past);
      String turned = b.add("Transpose", List.of(k), "perm", new long[] {0, 1, 3, 2});
      String weights = b.add("Softmax", List.of(scores(q, turned)));
      x = rest(x, b.add("MatMul", List.of(weights, v)));
    }
    b.output(logits(x, table), batch, 1, TOKENS);
    return b.model();
  }

  /// What an argument has of the tokens before, and this one's.
  private String remembered(String name, String part, int past) {
    String before = b.input(name, DType.F32, batch, HEADS, past, WIDTH / HEADS);
    String all = b.add("Concat", List.of(before, heads(part, 0, 2, 1, 3)), "axis", 2);
    b.output(all, batch, HEADS, past + 1, WIDTH / HEADS);
    return all;
  }

  /// Queries, keys and values.
  private List<String> parts(String x) {
    String y = b.linear(b.layerNorm(x, WIDTH), WIDTH, 3 * WIDTH);
    return b.several("Split", List.of(y), 3, "axis", -1, "num_outputs", 3);
  }

  private String heads(String x, long... order) {
    String parted = b.add("Reshape", List.of(x, b.sizes(batch, length, HEADS, WIDTH / HEADS)));
    return b.add("Transpose", List.of(parted), "perm", order);
  }

  private String scores(String q, String k) {
    String root = b.constant(Tensor.of(new float[] {1 / 8f}));
    return b.add("Mul", List.of(b.add("MatMul", List.of(q, k)), root));
  }

  /// What follows attention in a block.
  private String rest(String x, String seen) {
    String joined = b.add("Transpose", List.of(seen), "perm", new long[] {0, 2, 1, 3});
    joined = b.add("Reshape", List.of(joined, b.sizes(batch, length, WIDTH)));
    String y = b.add("Add", List.of(x, b.linear(joined, WIDTH, WIDTH)));
    String wide = b.linear(b.layerNorm(y, WIDTH), WIDTH, 4 * WIDTH);
    String bent = b.add("Gelu", List.of(wide), "approximate", "tanh");
    return b.add("Add", List.of(y, b.linear(bent, 4 * WIDTH, WIDTH)));
  }

  private String logits(String x, String table) {
    String turned = b.add("Transpose", List.of(table), "perm", new long[] {1, 0});
    return b.add("MatMul", List.of(b.layerNorm(x, WIDTH), turned));
  }
}
