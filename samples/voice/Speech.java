import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.io.File;
import java.io.IOException;
import java.util.Arrays;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;
import sinter.models.silero.Silero;

/// Says from when to when somebody speaks in a recording.
///
/// ```
/// java --add-modules jdk.incubator.vector -cp silero.jar Speech.java recording.wav
/// ```
public final class Speech {
  private static final int RATE = 16_000;

  /// The model hears so many samples at a time,
  private static final int FRAME = 512;

  /// after the last ones of the frame before.
  private static final int BEFORE = 64;

  /// Speech begins where the model is so sure of it,
  private static final float BEGINS = 0.5f;

  /// and ends where it has been less sure than this
  private static final float ENDS = 0.35f;

  /// for so many frames: a tenth of a second.
  private static final int SILENCE = RATE / 10 / FRAME + 1;

  private Speech() {}

  /// Reads a recording, asks the model frame by frame, prints a line for each stretch of speech.
  public static void main(String[] arguments) throws IOException, UnsupportedAudioFileException {
    float[] chances = chances(samples(new File(arguments[0])));
    int start = -1;
    int end = 0;
    for (int frame = 0; frame < chances.length; frame++) {
      if (chances[frame] >= BEGINS && start < 0) {
        start = frame;
      }
      end = chances[frame] >= ENDS ? frame + 1 : end;
      if (start >= 0 && (frame + 1 - end >= SILENCE || frame == chances.length - 1)) {
        System.out.printf("%.2f s to %.2f s%n", seconds(start), seconds(end));
        start = -1;
      }
    }
  }

  private static double seconds(int frame) {
    return (double) frame * FRAME / RATE;
  }

  /// How likely each frame is speech. What the model remembers goes from call to call.
  private static float[] chances(float[] samples) throws IOException {
    float[] chances = new float[(samples.length + FRAME - 1) / FRAME];
    float[] padded = Arrays.copyOf(samples, chances.length * FRAME);
    float[] heard = new float[BEFORE + FRAME];
    Tensor memory = Tensor.zeros(DType.F32, 2, 1, 128);
    Tensor rate = Tensor.of(new long[] {RATE});
    try (Silero model = Silero.load(1)) {
      for (int frame = 0; frame < chances.length; frame++) {
        System.arraycopy(heard, FRAME, heard, 0, BEFORE);
        System.arraycopy(padded, frame * FRAME, heard, BEFORE, FRAME);
        Silero.Forward answer = model.forward(Tensor.of(heard, 1, heard.length), memory, rate);
        chances[frame] = answer.output().toFloatArray()[0];
        memory = answer.stateN();
      }
    }
    return chances;
  }

  /// The recording as one channel at the rate that the model takes, from -1 to 1.
  private static float[] samples(File file) throws IOException, UnsupportedAudioFileException {
    AudioFormat wanted = new AudioFormat(RATE, 16, 1, true, false);
    try (AudioInputStream stream =
        AudioSystem.getAudioInputStream(wanted, AudioSystem.getAudioInputStream(file))) {
      byte[] bytes = stream.readAllBytes();
      float[] samples = new float[bytes.length / 2];
      for (int i = 0; i < samples.length; i++) {
        samples[i] = (short) (bytes[2 * i] & 0xff | bytes[2 * i + 1] << 8) / 32768f;
      }
      return samples;
    }
  }
}
