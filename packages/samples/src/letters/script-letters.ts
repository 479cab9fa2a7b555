/** Letters in many scripts, in the charsets that people's programs chose for them. */
import { encodeCharset } from '../charset-encoder.ts';
import { base64Text, oldText, utf8Text } from '../entity.ts';
import { people } from '../people.ts';
import { encodeWord, encodeWordQ } from '../transfer-encoding.ts';
import type { LetterMaker } from './letter-maker.ts';

const chineseText = `你好！

周末的风筝比赛改到星期天上午十点，地点还是河边的草地。请带上你的蓝色风筝，还有一
顶帽子，太阳会很大。比赛以后大家一起去吃饺子。

李薇`;

const japaneseText = `こんにちは。

先日は橋の写真をありがとうございました。とてもきれいに撮れていますね。
来週、東京は桜が咲きそうです。よかったら電話をください。

佐藤健二`;

const russianText = `Привет!

Книга дошла за четыре дня, спасибо большое. Кот уже спит на коробке и не даёт её
выбросить. Варенье отправлю в понедельник: две банки вишнёвого и одна для соседки.

Обнимаю,
Ольга`;

/** One letter for each script. */
export const scriptLetters: readonly LetterMaker[] = [
  ({ owner }) => ({
    from: people.wei,
    to: [owner],
    ageDays: 26,
    subject: undefined,
    fields: [['Subject', encodeWord(encodeCharset('周末的风筝比赛', 'gb18030'), 'gb18030')]],
    content: oldText(chineseText, 'gb18030', 'base64'),
  }),
  ({ owner }) => ({
    from: people.wei,
    to: [owner],
    ageDays: 24,
    subject: '回复：周末的风筝比赛（照片在路上）',
    content: base64Text(
      `我们赢了第二名！\n\n第一名是一只八岁小朋友做的章鱼，有八条尾巴，飞得比谁都高。\n\n李薇`,
    ),
  }),
  ({ owner }) => ({
    from: people.kenji,
    to: [owner],
    ageDays: 70,
    subject: undefined,
    fields: [
      ['Subject', encodeWord(encodeCharset('橋の写真のお礼', 'iso-2022-jp'), 'ISO-2022-JP')],
    ],
    content: oldText(japaneseText, 'iso-2022-jp', '7bit'),
  }),
  ({ owner }) => ({
    from: people.olga,
    to: [owner],
    ageDays: 133,
    subject: undefined,
    fields: [['Subject', encodeWordQ(encodeCharset('Варенье и книга', 'koi8-r'), 'koi8-r')]],
    content: oldText(russianText, 'koi8-r', '8bit'),
  }),
  ({ owner }) => ({
    from: people.eleni,
    to: [owner],
    ageDays: 98,
    subject: undefined,
    fields: [
      [
        'Subject',
        encodeWordQ(encodeCharset('Καλημέρα από τη βιβλιοθήκη', 'iso-8859-7'), 'iso-8859-7'),
      ],
    ],
    content: oldText(
      `Καλημέρα!\n\nΟι πολυθρόνες ήρθαν και η γάτα της γειτονιάς διάλεξε ήδη τη μία. Το Σάββατο διαβάζουμε\nπαραμύθια στις έντεκα. Θα φέρεις το βιβλίο με τον φάρο;\n\nΕλένη`,
      'iso-8859-7',
      '8bit',
    ),
  }),
  ({ owner }) => ({
    from: people.yusuf,
    to: [owner],
    ageDays: 64,
    subject: 'دعوة إلى العشاء يوم الجمعة',
    content: utf8Text(
      `مرحبا،\n\nندعوكم إلى العشاء يوم الجمعة في السابعة مساءً. ستطبخ أمي المقلوبة، وأخي الصغير سيعزف على\nالعود. أحضروا الأطفال معكم.\n\nيوسف`,
    ),
  }),
  ({ owner }) => ({
    from: people.noa,
    to: [owner],
    ageDays: 46,
    subject: 'חזרה של המקהלה ביום שלישי',
    content: base64Text(
      `שלום,\n\nהחזרה ביום שלישי תתחיל בשבע וחצי. נשיר את שלושת השירים החדשים, ואחר כך יהיה תה עם עוגת\nתפוחים. נא להביא את התיקייה הירוקה (את הנכונה!).\n\nנועה`,
    ),
  }),
  ({ owner }) => ({
    from: people.sam,
    to: [owner],
    ageDays: 5,
    subject: '🎂🎈 Saturday?! 🥳',
    content: base64Text(
      `👋👋\n\n🕓 16:00, 📍 our garden, 🍋🍰 + ☕️\n👨‍👩‍👧‍👦 all welcome, 🐕 too!\n\nSam 🌻`,
    ),
  }),
  ({ owner }) => ({
    from: people.lena,
    to: [owner],
    ageDays: 160,
    subject: undefined,
    fields: [
      [
        'Subject',
        '=?iso-8859-1?Q?Gr=FC=DFe_aus_K=F6ln_und_?=\r\n =?iso-8859-1?Q?ein_Schl=FCssel?=',
      ],
    ],
    content: oldText(
      `Hallo,\n\nder Schlüssel für den Schuppen liegt unter dem dritten Blumentopf, der mit dem Gänseblümchen.\nDas Fahrrad bitte wieder abschließen, es ist schon einmal allein spazieren gegangen.\n\nViele Grüße aus Köln\nLena`,
      'iso-8859-1',
      '8bit',
    ),
  }),
];
