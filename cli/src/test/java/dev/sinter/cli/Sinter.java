package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/// A run of the command line in this JVM.
///
/// @param exitCode what the process would have ended with
/// @param out what it wrote to stdout
/// @param err what it wrote to stderr
record Sinter(int exitCode, String out, String err) {
  static Sinter run(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
    return new Sinter(code, out.toString(), err.toString());
  }

  /// This run, which must have gone well.
  Sinter ok() {
    assertThat(exitCode).as(() -> out + err).isZero();
    return this;
  }

  /// The one document on stdout; fails if there is more or less.
  JsonObject json() {
    assertThat(out).as(err).isNotBlank();
    try (JsonReader reader = new JsonReader(new StringReader(out))) {
      JsonElement document = JsonParser.parseReader(reader);
      assertThat(reader.peek()).as(out).isEqualTo(JsonToken.END_DOCUMENT);
      assertThat(document.getAsJsonObject().get("schema").getAsString()).startsWith("sinter.");
      return document.getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// This run, whose fault must have been shown without a stack trace.
  Sinter withoutStackTrace() {
    assertThat(out + err).doesNotContain("\tat ").doesNotContain("Exception");
    return this;
  }
}
