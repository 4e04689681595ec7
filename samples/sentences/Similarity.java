import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import sinter.models.minilm.Minilm;

/// Says how much each sentence means what the first one means: 1 the same, 0 something else.
///
/// ```
/// java --add-modules jdk.incubator.vector -cp minilm.jar Similarity.java tokenizer.json "..." "..."
/// ```
public final class Similarity {
  /// The model has seen no longer ones.
  private static final int LONGEST = 512;

  private Similarity() {}

  /// Reads the tokenizer, asks the model about all sentences at once, and compares.
  public static void main(String[] arguments) throws IOException {
    WordPiece words = WordPiece.read(Path.of(arguments[0]));
    List<String> sentences = List.of(arguments).subList(1, arguments.length);
    float[][] meanings = embed(sentences.stream().map(s -> words.encode(s, LONGEST)).toList());
    for (int i = 1; i < meanings.length; i++) {
      System.out.printf("%.4f  %s%n", dot(meanings[0], meanings[i]), sentences.get(i));
    }
  }

  /// A direction of length 1 for each sentence: the mean of what the model makes of its words.
  private static float[][] embed(List<long[]> sentences) throws IOException {
    int batch = sentences.size();
    int length = sentences.stream().mapToInt(s -> s.length).max().orElseThrow();
    Tensor ids = Tensor.zeros(DType.I64, batch, length);
    Tensor mask = Tensor.zeros(DType.I64, batch, length);
    Tensor types = Tensor.zeros(DType.I64, batch, length);
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < sentences.get(b).length; i++) {
        ids.setLong((long) b * length + i, sentences.get(b)[i]);
        mask.setLong((long) b * length + i, 1);
      }
    }
    try (Minilm model = Minilm.load()) {
      Tensor hidden = model.forward(ids, mask, types).lastHiddenState();
      int width = (int) hidden.dim(2);
      float[] all = hidden.toFloatArray();
      float[][] embedded = new float[batch][width];
      for (int b = 0; b < batch; b++) {
        float[] sum = embedded[b];
        for (int i = 0; i < sentences.get(b).length * width; i++) {
          sum[i % width] += all[b * length * width + i];
        }
        double norm = Math.sqrt(dot(sum, sum));
        for (int c = 0; c < width; c++) {
          sum[c] = (float) (sum[c] / norm);
        }
      }
      return embedded;
    }
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
