#include "accept.h"

#include <stdint.h>
#include <string.h>

static uint32_t rotate(uint32_t value, int bits) { return value << bits | value >> (32 - bits); }

static void digestBlock(uint32_t state[5], const uint8_t block[64]) {
  uint32_t words[80];
  for (int n = 0; n < 16; n++)
    words[n] = (uint32_t)block[4 * n] << 24 | (uint32_t)block[4 * n + 1] << 16 | (uint32_t)block[4 * n + 2] << 8 |
               block[4 * n + 3];
  for (int n = 16; n < 80; n++) words[n] = rotate(words[n - 3] ^ words[n - 8] ^ words[n - 14] ^ words[n - 16], 1);
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int n = 0; n < 80; n++) {
    uint32_t mixed = n < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                     : n < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                     : n < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                              : (b ^ c ^ d) + 0xca62c1d6;
    uint32_t next = rotate(a, 5) + mixed + e + words[n];
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

/** SHA-1 of exactly 60 bytes: a key and the constant of the RFC. */
static void digest(const uint8_t input[60], uint8_t output[20]) {
  uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  uint8_t blocks[128] = {0};
  memcpy(blocks, input, 60);
  blocks[60] = 0x80;
  blocks[126] = 60 * 8 >> 8;
  blocks[127] = 60 * 8 & 255;
  digestBlock(state, blocks);
  digestBlock(state, blocks + 64);
  for (int n = 0; n < 20; n++) output[n] = (uint8_t)(state[n / 4] >> (24 - n % 4 * 8));
}

void acceptOf(const char *key, char *accept) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uint8_t input[60], hash[21] = {0};
  memcpy(input, key, 24);
  memcpy(input + 24, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
  digest(input, hash);
  for (int n = 0; n < ACCEPT_LENGTH; n++) {
    int bit = n * 6;
    uint32_t pair = (uint32_t)hash[bit / 8] << 8 | (bit / 8 < 19 ? hash[bit / 8 + 1] : 0);
    accept[n] = alphabet[pair >> (10 - bit % 8) & 63];
  }
  accept[ACCEPT_LENGTH - 1] = '=';
}
