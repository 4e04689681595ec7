package dev.sinter.runtime.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// The bytes of a zip file, entry by entry.
public final class ZipBytes {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final ZipOutputStream zip = new ZipOutputStream(bytes);

  /// A file without entries.
  public ZipBytes() {}

  /// Adds an entry, stored or else compressed.
  public ZipBytes with(String name, byte[] content, boolean stored) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    if (stored) {
      CRC32 crc = new CRC32();
      crc.update(content);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(content.length);
      entry.setCrc(crc.getValue());
    }
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
    return this;
  }

  /// The file, which is whole then.
  public byte[] whole() throws IOException {
    zip.finish();
    return bytes.toByteArray();
  }
}
