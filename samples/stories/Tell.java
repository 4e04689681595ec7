import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import sinter.models.stories.Stories;

/// Tells a story, in plain Java: a checkpoint and a tokenizer of llama2.c in, text out, always the
/// likeliest token.
///
/// ```
/// java --add-modules jdk.incubator.vector -cp stories.jar Tell.java stories260K.bin tok512.bin
/// ```
///
/// A third argument is how the story begins, a fourth how many tokens it has at most.
public final class Tell {
  private static final int STEPS = 256;

  /// The token that a text begins with, and that ends it.
  private static final int BEGIN = 1;

  private Tell() {}

  /// Tells a story.
  public static void main(String[] arguments) throws IOException {
    Tokenizer tokenizer = Tokenizer.read(Path.of(arguments[1]));
    String prompt = arguments.length > 2 ? arguments[2] : "";
    int steps = arguments.length > 3 ? Integer.parseInt(arguments[3]) : STEPS;
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try (Stories stories = Stories.load(weights(Path.of(arguments[0])))) {
      List<Integer> text = new ArrayList<>(tokenizer.tokens(prompt));
      long start = System.nanoTime();
      int told = 0;
      while (told < steps) {
        int token = text.get(told);
        float[] logits = stories.decode(Tensor.of(new int[] {token}, 1, 1)).logits().toFloatArray();
        told++;
        if (told == text.size()) {
          text.add(likeliest(logits));
        }
        if (text.get(told) == BEGIN) {
          break;
        }
        out.write(tokenizer.bytes(token, text.get(told)));
        out.flush();
      }
      out.println();
      System.err.printf("%n%.0f tokens a second%n", told / ((System.nanoTime() - start) * 1e-9));
    }
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  /// The weights of a checkpoint by the names of `stories.sinter`. The file begins with seven
  /// int32: width, width inside the blocks, blocks, heads, heads of keys and values, tokens,
  /// places. Then come the weights, each kind for all blocks.
  static Map<String, Tensor> weights(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int width = in.getInt();
    int hidden = in.getInt();
    int blocks = in.getInt();
    int heads = in.getInt();
    int kvWidth = width / heads * in.getInt();
    int tokens = in.getInt();
    in.getInt();
    if (tokens < 0) {
      throw new IOException(file + " has a table of its own for the last layer");
    }
    Map<String, Tensor> weights = new HashMap<>();
    weights.put("token.weight", tensor(in, tokens, width));
    each(weights, in, blocks, "before_attention.weight", width);
    each(weights, in, blocks, "attention.q.weight", width, width);
    each(weights, in, blocks, "attention.k.weight", kvWidth, width);
    each(weights, in, blocks, "attention.v.weight", kvWidth, width);
    each(weights, in, blocks, "attention.out.weight", width, width);
    each(weights, in, blocks, "before_mlp.weight", width);
    each(weights, in, blocks, "mlp.gate.weight", hidden, width);
    each(weights, in, blocks, "mlp.down.weight", width, hidden);
    each(weights, in, blocks, "mlp.up.weight", hidden, width);
    weights.put("norm.weight", tensor(in, width));
    return weights;
  }

  private static void each(
      Map<String, Tensor> weights, ByteBuffer in, int blocks, String name, long... shape) {
    for (int i = 0; i < blocks; i++) {
      weights.put("blocks." + i + "." + name, tensor(in, shape));
    }
  }

  private static Tensor tensor(ByteBuffer in, long... shape) {
    Tensor tensor = Tensor.zeros(DType.F32, shape);
    byte[] bytes = new byte[(int) tensor.bytes()];
    in.get(bytes);
    tensor.memory().asByteBuffer().put(bytes);
    return tensor;
  }

  /// Pieces of text by their tokens, as llama2.c keeps them: the length of the longest, then for
  /// each token a score, a length, and bytes.
  record Tokenizer(List<String> pieces, List<Float> scores, Map<String, Integer> tokens) {
    /// The tokens of single bytes follow the first three.
    private static final int FIRST_BYTE = 3;

    static Tokenizer read(Path file) throws IOException {
      ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      in.getInt();
      Tokenizer tokenizer = new Tokenizer(new ArrayList<>(), new ArrayList<>(), new HashMap<>());
      while (in.hasRemaining()) {
        tokenizer.scores.add(in.getFloat());
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        String piece = new String(bytes, StandardCharsets.UTF_8);
        tokenizer.tokens.putIfAbsent(piece, tokenizer.pieces.size());
        tokenizer.pieces.add(piece);
      }
      return tokenizer;
    }

    /// The bytes of `token` after `last`; a text does not begin with a space.
    byte[] bytes(int last, int token) {
      String piece = pieces.get(token);
      if (piece.matches("<0x[0-9A-F]{2}>")) {
        return new byte[] {(byte) Integer.parseInt(piece.substring(3, 5), 16)};
      }
      String text = last == BEGIN && piece.startsWith(" ") ? piece.substring(1) : piece;
      return text.getBytes(StandardCharsets.UTF_8);
    }

    /// The tokens of a text: first those of its characters, then, again and again, the two
    /// neighbours become one whose piece has the best score.
    List<Integer> tokens(String text) {
      List<Integer> result = new ArrayList<>(List.of(BEGIN));
      if (text.isEmpty()) {
        return result;
      }
      (" " + text)
          .codePoints()
          .forEach(c -> {
            String character = Character.toString(c);
            Integer token = tokens.get(character);
            if (token != null) {
              result.add(token);
            } else {
              for (byte b : character.getBytes(StandardCharsets.UTF_8)) {
                result.add((b & 0xff) + FIRST_BYTE);
              }
            }
          });
      while (true) {
        int best = -1;
        for (int i = 1; i + 1 < result.size(); i++) {
          Integer pair = pair(result, i);
          if (pair != null && (best < 0 || scores.get(pair) > scores.get(pair(result, best)))) {
            best = i;
          }
        }
        if (best < 0) {
          return result;
        }
        result.set(best, pair(result, best));
        result.remove(best + 1);
      }
    }

    private Integer pair(List<Integer> text, int at) {
      return tokens.get(pieces.get(text.get(at)) + pieces.get(text.get(at + 1)));
    }
  }
}
