import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import sinter.models.gptsort.GptSort;

/// Sorts letters with a trained network, in plain Java.
///
/// ```
/// java --add-modules jdk.incubator.vector -cp gptsort.jar Sort.java gpt-nano-sort-model.json CBABBC
/// ```
///
/// With a file of recorded activations in the place of the letters, it compares with them what the
/// network computes on its way.
public final class Sort {
  private static final int LETTERS = 6;
  private static final int VOCABULARY = 3;

  private Sort() {}

  /// Sorts, or compares.
  public static void main(String[] arguments) throws IOException {
    try (GptSort model = GptSort.load(weights(tensors(Path.of(arguments[0]))))) {
      for (String given : Arrays.asList(arguments).subList(1, arguments.length)) {
        if (given.endsWith(".json")) {
          compare(model, tensors(Path.of(given)));
        } else {
          System.out.println(given + " -> " + sorted(model, given));
        }
      }
    }
  }

  /// The letters in their order: each is the likeliest to follow what stands there so far.
  private static String sorted(GptSort model, String letters) {
    if (!letters.matches("[ABC]{" + LETTERS + "}")) {
      throw new IllegalArgumentException("the network sorts six letters of A, B and C");
    }
    StringBuilder text = new StringBuilder(letters);
    while (text.length() < 2 * LETTERS) {
      int[] tokens = text.chars().map(c -> c - 'A').toArray();
      float[] logits = model.forward(Tensor.of(tokens, 1, tokens.length)).logits().toFloatArray();
      int last = logits.length - VOCABULARY;
      int best = 0;
      for (int i = 1; i < VOCABULARY; i++) {
        best = logits[last + i] > logits[last + best] ? i : best;
      }
      text.append((char) ('A' + best));
    }
    return text.substring(LETTERS);
  }

  /// Prints, for each recorded activation, the largest error in parts of its range.
  private static void compare(GptSort model, Map<String, Tensor> recorded) {
    float[] given = recorded.get("idx").toFloatArray();
    int[] tokens = new int[given.length];
    for (int i = 0; i < given.length; i++) {
      tokens[i] = (int) given[i];
    }
    Tensor text = Tensor.of(tokens, recorded.get("idx").shape());
    GptSort.Inside inside = model.inside(text);
    GptSort.Levels levels = model.levels(text);
    Map<String, Tensor> computed = new LinkedHashMap<>();
    computed.put("x", inside.x());
    computed.put("ln1", inside.ln1());
    computed.put("q", inside.q());
    computed.put("k", inside.k());
    computed.put("v", inside.v());
    computed.put("att", inside.scores());
    computed.put("attSm", inside.weights());
    computed.put("y", inside.y());
    computed.put("yProj", inside.out());
    computed.put("attnResid", inside.attended());
    computed.put("ln2", inside.ln2());
    computed.put("fc", inside.fc());
    computed.put("gelu", inside.gelu());
    computed.put("mlp", inside.mlp());
    computed.put("mlpResid", inside.block());
    computed.put("block0", levels.block0());
    computed.put("block1", levels.block1());
    computed.put("block2", levels.block2());
    computed.put("ln_f", levels.norm());
    computed.put("lm_head", model.forward(text).logits());
    computed.put("probs", levels.chances());
    computed.forEach((name, tensor) ->
        System.out.printf("%-10s %.2e%n", name, error(tensor, recorded.get(name))));
  }

  private static double error(Tensor computed, Tensor recorded) {
    if (!computed.type().equals(recorded.type())) {
      throw new IllegalArgumentException(computed.type() + " beside " + recorded.type());
    }
    float[] a = computed.toFloatArray();
    float[] b = recorded.toFloatArray();
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      // What a letter may not see is minus infinity on both sides.
      if (a[i] != b[i]) {
        most = Math.max(most, Math.abs(a[i] - b[i]));
      }
      if (Float.isFinite(b[i])) {
        low = Math.min(low, b[i]);
        high = Math.max(high, b[i]);
      }
    }
    return most / (high - low);
  }

  /// The weights by the names of `gptsort.sinter`; the file has queries, keys and values in one.
  private static Map<String, Tensor> weights(Map<String, Tensor> file) {
    Map<String, Tensor> weights = new HashMap<>();
    file.forEach((name, tensor) -> {
      String own =
          name.replace("transformer.", "")
              .replaceAll("^wte", "token")
              .replaceAll("^wpe", "position")
              .replaceAll("^h\\.", "blocks.")
              .replaceAll("^ln_f", "norm")
              .replaceAll("^lm_head", "head")
              .replace("ln_1", "ln1")
              .replace("ln_2", "ln2")
              .replace("attn.c_proj", "attn.out")
              .replace("mlp.c_fc", "fc")
              .replace("mlp.c_proj", "proj");
      if (own.contains("attn.c_attn")) {
        for (int part = 0; part < 3; part++) {
          weights.put(own.replace("c_attn", "qkv".substring(part, part + 1)), third(tensor, part));
        }
      } else if (!own.endsWith("attn.bias")) { // That is no weight but which letters are seen.
        weights.put(own, tensor);
      }
    });
    return weights;
  }

  private static Tensor third(Tensor tensor, int part) {
    long[] shape = tensor.shape();
    shape[0] /= 3;
    Tensor third = Tensor.zeros(DType.F32, shape);
    third.memory().copyFrom(tensor.memory().asSlice(part * third.bytes(), third.bytes()));
    return third;
  }

  private static final Pattern TENSOR =
      Pattern.compile(
          "\"([^\"]+)\":\\s*\\{\\s*\"shape\":\\s*\\[([^]]*)][^}]*\"data\":\\s*\"([^\"]*)\"");

  /// The tensors of a file: an object whose members have a shape, and data as base64 of f32.
  private static Map<String, Tensor> tensors(Path file) throws IOException {
    Map<String, Tensor> tensors = new HashMap<>();
    Matcher found = TENSOR.matcher(Files.readString(file));
    while (found.find()) {
      long[] shape =
          Arrays.stream(found.group(2).split(","))
              .map(String::strip)
              .mapToLong(Long::parseLong)
              .toArray();
      Tensor tensor = Tensor.zeros(DType.F32, shape);
      tensor.memory().asByteBuffer().put(Base64.getDecoder().decode(found.group(3)));
      tensors.put(found.group(1), tensor);
    }
    return tensors;
  }
}
