package dev.sinter.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.sinter.runtime.KernelTier;
import dev.sinter.runtime.Model;
import dev.sinter.runtime.Session;
import dev.sinter.runtime.Tensor;
import dev.sinter.samples.TrainedModel.Bound;
import dev.sinter.testkit.Repository;
import dev.sinter.testkit.Tier;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Models that others trained give ONNX Runtime's answers, in all sizes that they leave open from
/// one JAR, and the samples' programs find with them what there is to be found.
class RealModelsTest {
  @TempDir private Path folder = Path.of("");

  /// A sample whose model is fetched, which the default tier does not do.
  private Sample fetched(String name) throws IOException {
    Assumptions.assumeTrue(
        Tier.current() == Tier.FULL, "fetches a model and compiles it: in -Pfull only");
    return Sample.fetched(name, folder);
  }

  /// A sample whose model is at hand, under the name of the sample's.
  private Sample atHand(String file, String name) throws IOException {
    Path onnx = Repository.current().shared("data/onnx-samples/" + file);
    Files.copy(onnx, folder.resolve(name));
    return new Sample(folder, folder);
  }

  private Path picture(BufferedImage picture, String name) throws IOException {
    File file = folder.resolve(name).toFile();
    assertThat(ImageIO.write(picture, "png", file)).isTrue();
    return file.toPath();
  }

  @Test
  void digits() throws IOException {
    List<Map<String, Tensor>> questions = new ArrayList<>();
    for (int digit = 0; digit < 10; digit++) {
      questions.add(Map.of("Input3", Tensors.digit(Pictures.digit(digit))));
    }
    List<Integer> answers = new ArrayList<>();
    atHand("mnist.onnx", "mnist.onnx")
        .compile("mnist", Map.of())
        .agrees(
            questions,
            Bound.FLOAT,
            (mine, theirs) -> {
              float[] scores = TrainedModel.output(mine, "Plus214_Output_0").toFloatArray();
              answers.add(largest(scores, 0, scores.length));
            });
    assertThat(answers.stream().distinct().count()).as("of %s", answers).isGreaterThan(6);
  }

  @Test
  void faces() throws IOException {
    TrainedModel ultraface =
        atHand("ultraface-RFB-320.onnx", "ultraface.onnx").compile("ultraface", Map.of());
    List<BufferedImage> picture = List.of(Pictures.faces());
    ultraface.agrees(
        List.of(Map.of("input", Tensors.pictures(picture, 320, 240, 127, 128))), Bound.FLOAT);
    Path boxes = folder.resolve("boxes.png");
    Path faces = picture(Pictures.faces(), "faces.png");
    assertThat(Sample.program("faces/Faces.java", List.of(ultraface), faces, boxes))
        .endsWith("2 faces\n");
    assertThat(ImageIO.read(boxes.toFile()).getWidth()).isEqualTo(640);
  }

  @Test
  void sentences() throws IOException {
    Sample sample = fetched("sentences");
    TrainedModel minilm = sample.compile("minilm", Map.of());
    minilm.agrees(
        List.of(
            Tensors.sentences(1, 5, 1),
            Tensors.sentences(3, 5, 2),
            Tensors.sentences(1, 128, 3),
            Tensors.sentences(3, 128, 4),
            Tensors.sentences(3, 37, 5),
            Tensors.sentences(1, 37, 6)),
        Bound.FLOAT);
    assertKnowsWhatIsAlike(sample, minilm);
    assertSecondCallsAllocateNothing(
        minilm, List.of(Tensors.sentences(1, 3, 7), Tensors.sentences(2, 4, 8)));
  }

  @Test
  void sentencesInEightBits() throws IOException {
    Sample sample = fetched("sentences-int8");
    TrainedModel minilm = sample.compile("minilm", Map.of());
    List<Map<String, Tensor>> questions =
        List.of(
            Tensors.sentences(1, 5, 1),
            Tensors.sentences(3, 37, 2),
            Tensors.sentences(1, 128, 3),
            Tensors.sentences(3, 128, 4));
    // A number that lies on the border between two of 8 bits moves by one of them. So ONNX Runtime
    // differs from itself by 0.04 and in the mean 0.003 where its optimizations are turned off.
    minilm.agrees(
        questions,
        new Bound(0.1, 0.005),
        (mine, theirs) ->
            assertThat(leastLikeness(mine, theirs, "last_hidden_state")).isGreaterThan(0.99));
    assertKnowsWhatIsAlike(sample, minilm);
  }

  private static void assertKnowsWhatIsAlike(Sample sample, TrainedModel minilm)
      throws IOException {
    String[] answers =
        Sample.program(
                "sentences/Similarity.java",
                List.of(minilm),
                sample.data().resolve("tokenizer.json"),
                "A cat sits on the mat.",
                "A kitten is resting on a rug.",
                "The stock market fell sharply today.",
                "a CÁT sits on the mat .")
            .split("\n");
    double[] likeness =
        Arrays.stream(answers).mapToDouble(a -> Double.parseDouble(a.split(" ", -1)[0])).toArray();
    assertThat(likeness[0]).isBetween(0.55, 0.75);
    assertThat(likeness[1]).isLessThan(0.2);
    assertThat(likeness[2]).isCloseTo(1, within(0.001));
  }

  @Test
  void text() throws IOException {
    Sample sample = fetched("ocr");
    TrainedModel angle = sample.compile("angle", Map.of("d1", 48L, "d2", 192L));
    TrainedModel recognition = sample.compile("recognition", Map.of("d0", 48L));
    TrainedModel detection = sample.compile("detection", Map.of());
    BufferedImage one = Pictures.text(List.of("Shipping address 1234"), 32);
    BufferedImage other = Pictures.text(List.of("Reading is to the mind"), 40);
    angle.agrees(
        List.of(
            Map.of("x", Tensors.pictures(List.of(one), 192, 48, 127.5f, 127.5f)),
            Map.of("x", Tensors.pictures(List.of(one, other), 192, 48, 127.5f, 127.5f))),
        Bound.FLOAT);
    List<Map<String, Tensor>> lines = new ArrayList<>();
    for (List<BufferedImage> batch : List.of(List.of(one), List.of(one, other))) {
      for (int width : new int[] {160, 320, 483}) {
        lines.add(Map.of("x", Tensors.pictures(batch, width, 48, 127.5f, 127.5f)));
      }
    }
    recognition.agrees(
        lines,
        Bound.FLOAT,
        (mine, theirs) ->
            assertThat(sameLargest(mine, theirs, "softmax_11.tmp_0", 6625)).isEqualTo(1));
    BufferedImage page =
        Pictures.text(List.of("Shipping address", "Baker Street 22", "London"), 36);
    List<Map<String, Tensor>> pages = new ArrayList<>();
    for (List<BufferedImage> batch : List.of(List.of(page), List.of(page, other))) {
      for (int[] size : new int[][] {{320, 160}, {384, 192}, {288, 224}}) {
        pages.add(Map.of("x", Tensors.pictures(batch, size[0], size[1], 116, 58)));
      }
    }
    detection.agrees(
        pages,
        Bound.FLOAT,
        (mine, theirs) -> {
          float[] inText = TrainedModel.output(mine, "sigmoid_0.tmp_0").toFloatArray();
          assertThat(inText[largest(inText, 0, inText.length)]).isGreaterThan(0.5f);
        });
    List<TrainedModel> models = List.of(detection, angle, recognition);
    Path characters = sample.data().resolve("characters.txt");
    assertThat(Sample.program("ocr/ReadText.java", models, characters, picture(page, "page.png")))
        .isEqualTo("Shipping address\nBaker Street 22\nLondon\n");
  }

  @Test
  void speech() throws IOException {
    Sample sample = fetched("voice");
    TrainedModel silero = sample.compile("silero", Map.of());
    float[] voice = Recordings.voice(4, 1, 2.5);
    List<Map<String, Tensor>> questions = new ArrayList<>();
    Tensor rate = Tensor.of(new long[] {Recordings.RATE});
    for (int batch : new int[] {1, 2}) {
      // The model's answers are for this length alone, whatever its file says of it.
      float[] heard = Arrays.copyOfRange(voice, Recordings.RATE, Recordings.RATE + batch * 576);
      float[] state = new float[2 * batch * 128];
      for (int i = 0; i < state.length; i++) {
        state[i] = (float) Math.sin(i);
      }
      Map<String, Tensor> question = new LinkedHashMap<>();
      question.put("input", Tensor.of(heard, batch, 576));
      question.put("state", Tensor.of(state, 2, batch, 128));
      question.put("sr", rate);
      questions.add(question);
    }
    silero.agrees(questions, Bound.FLOAT);
    Path file = folder.resolve("voice.wav");
    Recordings.write(file, voice);
    String[] spoken = Sample.program("voice/Speech.java", List.of(silero), file).split("\n");
    assertThat(spoken).hasSize(1);
    String[] words = spoken[0].split(" ", -1);
    assertThat(Double.parseDouble(words[0])).isCloseTo(1, within(0.2));
    assertThat(Double.parseDouble(words[3])).isCloseTo(2.5, within(0.3));
  }

  @Test
  void lines() throws IOException {
    TrainedModel mlsd = fetched("lines").compile("mlsd", Map.of());
    BufferedImage room = Pictures.room();
    mlsd.agrees(
        List.of(Map.of("input_image_with_alpha:0", Tensors.pixels(room, 512))), Bound.FLOAT);
    Path drawn = folder.resolve("lines.png");
    String answer =
        Sample.program("lines/Lines.java", List.of(mlsd), picture(room, "room.png"), drawn);
    assertThat(Integer.parseInt(answer.split(" ", -1)[0])).isBetween(20, 40);
    // The corner of the room at the left is a line; the middle of the wall is not.
    BufferedImage picture = ImageIO.read(drawn.toFile());
    assertThat(redness(picture, 160, 200)).isGreaterThan(100);
    assertThat(redness(picture, 340, 200)).isLessThan(50);
  }

  private static int redness(BufferedImage picture, int x, int y) {
    int rgb = picture.getRGB(x, y);
    return (rgb >> 16 & 0xff) - (rgb >> 8 & 0xff);
  }

  @Test
  void cutout() throws IOException {
    assertCutsOut(fetched("cutout").compile("isnet", Map.of()), Bound.HALF);
  }

  @Test
  void cutoutInEightBits() throws IOException {
    assertCutsOut(fetched("cutout-int8").compile("isnet", Map.of()), new Bound(1, 0.02));
  }

  private void assertCutsOut(TrainedModel isnet, Bound bound) throws IOException {
    BufferedImage person = Pictures.faces().getSubimage(20, 40, 360, 440);
    Tensor question = Tensors.pictures(List.of(person), 1024, 1024, 128, 256);
    isnet.agrees(
        List.of(Map.of("input", question)),
        bound,
        (mine, theirs) -> {
          float[] got = TrainedModel.output(mine, "output").toFloatArray();
          float[] want = TrainedModel.output(theirs, "output").toFloatArray();
          int same = 0;
          for (int i = 0; i < want.length; i++) {
            same += got[i] > 0.5 == want[i] > 0.5 ? 1 : 0;
          }
          assertThat((double) same / want.length).isGreaterThan(0.99);
        });
    Path cut = folder.resolve("cutout.png");
    Sample.program("cutout/Cutout.java", List.of(isnet), picture(person, "person.png"), cut);
    BufferedImage picture = ImageIO.read(cut.toFile());
    assertThat(picture.getRGB(180, 160) >>> 24).as("the face").isGreaterThan(200);
    assertThat(picture.getRGB(10, 10) >>> 24).as("the wall").isLessThan(50);
  }

  /// In what part of the rows, of `width` numbers, the largest stands at the same place.
  private static double sameLargest(
      Map<String, Tensor> mine, Map<String, Tensor> theirs, String output, int width) {
    float[] got = TrainedModel.output(mine, output).toFloatArray();
    float[] want = TrainedModel.output(theirs, output).toFloatArray();
    int rows = want.length / width;
    int same = 0;
    for (int row = 0; row < rows; row++) {
      same += largest(got, row * width, width) == largest(want, row * width, width) ? 1 : 0;
    }
    return (double) same / rows;
  }

  /// The cosine between the answers of both to one of a batch, the least of all.
  private static double leastLikeness(
      Map<String, Tensor> mine, Map<String, Tensor> theirs, String output) {
    float[] got = TrainedModel.output(mine, output).toFloatArray();
    float[] want = TrainedModel.output(theirs, output).toFloatArray();
    int size = want.length / (int) TrainedModel.output(theirs, output).shape()[0];
    double least = 1;
    for (int from = 0; from < want.length; from += size) {
      double product = 0;
      double squares = 0;
      double others = 0;
      for (int i = from; i < from + size; i++) {
        product += got[i] * want[i];
        squares += got[i] * got[i];
        others += want[i] * want[i];
      }
      least = Math.min(least, product / Math.sqrt(squares * others));
    }
    return least;
  }

  private static int largest(float[] values, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      best = values[from + i] > values[from + best] ? i : best;
    }
    return best;
  }

  /// Of the heap; of other memory, [TrainedModel#agrees] looks at each question.
  private static void assertSecondCallsAllocateNothing(
      TrainedModel trained, List<Map<String, Tensor>> questions) throws IOException {
    // Vectors are objects until the JIT has compiled what computes with them.
    System.setProperty(KernelTier.PROPERTY, "scalar");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Model model = Model.load(trained.jar());
        Session session = model.session(1)) {
      for (Map<String, Tensor> question : questions) {
        Map<String, Tensor> answer = session.run("forward", question);
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 4; attempt++) {
          long before = threads.getCurrentThreadAllocatedBytes();
          session.run("forward", question, answer);
          least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).isLessThan(500);
      }
    } finally {
      System.clearProperty(KernelTier.PROPERTY);
    }
  }
}
