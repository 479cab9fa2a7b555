/** Conversations about work and projects. All of it is made up. */
import type { Thread } from './thread.ts';

/** Those of the INBOX first, then those that were filed. */
export const threadsOfWork: readonly Thread[] = [
  {
    subject: 'Footbridge: handrail height',
    ageDays: 8,
    folder: 'INBOX',
    notes: [
      {
        from: 'tomas',
        afterHours: 0,
        text: `Hi all,

the inspector measured the model and says the handrail must be 1.10 m, not 1.05 m. That moves
every post. The good part: the posts are not ordered yet.

New drawing attached. Please look at sheet 3, detail B, before Thursday.

Tomáš`,
        file: 'pdf',
      },
      {
        from: 'wei',
        afterHours: 9,
        text: `Sheet 3 is fine for me. With 1.10 m the lower rail can go up by 2 cm, then small dogs still
can not get through. (I tested with a real small dog. It was willing to try.)

Wei`,
      },
      {
        from: 'owner',
        afterHours: 4,
        text: `Agreed with both. I'll tell the timber yard today. What is the dog's name?`,
      },
      {
        from: 'wei',
        afterHours: 12,
        text: `Her name is Dumpling. She sends her regards to the timber yard.`,
        isRich: true,
      },
      {
        from: 'tomas',
        afterHours: 30,
        text: `Signed off! Dumpling goes on the list of people to thank.

Numbers for the order:

  posts      24 pcs   1.10 m
  top rail   31.5 m
  low rail   31.5 m
  screws     far too many`,
      },
    ],
  },
  {
    subject: 'Minutes of Monday, and the coffee machine',
    ageDays: 19,
    folder: 'INBOX',
    notes: [
      {
        from: 'lena',
        afterHours: 0,
        text: `Minutes, short as promised:

1. The brochure goes to print on the 28th.
2. We need two more photographs of the market, without anybody waving at the camera.
3. The coffee machine says E07. Nobody knows what E07 is.`,
        isRich: true,
      },
      {
        from: 'kenji',
        afterHours: 11,
        text: `E07 is "please empty the tray". I found the manual. It is written in the style of a poem.

Kenji`,
      },
      {
        from: 'rosa',
        afterHours: 3,
        text: `Two photographs attached as one, with apologies: the mayor waves in both, but only a little.`,
        file: 'png',
      },
      {
        from: 'owner',
        afterHours: 2,
        text: `We can cut the mayor at the elbow. Thanks, both of you. The tray is empty and there is coffee.`,
      },
    ],
  },
  {
    subject: 'Budget for the reading room',
    ageDays: 77,
    folder: 'INBOX',
    notes: [
      {
        from: 'eleni',
        afterHours: 0,
        text: `Dear both,

the city gives us 4,200 this year. Shelves are 1,900, lamps 640, which leaves 1,660 for
armchairs. One good armchair or four that squeak?

Eleni`,
      },
      {
        from: 'yusuf',
        afterHours: 5,
        text: `Two good ones, second-hand: my cousin restores them. She would do a pair for 1,200 and
one of them has been in a film.

Her contact is attached.
Yusuf`,
        file: 'contact',
      },
      {
        from: 'owner',
        afterHours: 20,
        text: `Two from the cousin, please, and the rest into cushions.`,
      },
      {
        from: 'eleni',
        afterHours: 8,
        text: `Done. I asked for the one from the film to stand near the window.`,
      },
      {
        from: 'yusuf',
        afterHours: 70,
        text: `They are here, and they do not squeak. One of them sighs a little.`,
      },
    ],
  },
  {
    subject: 'Translation of the trail signs',
    ageDays: 150,
    folder: 'Archive',
    notes: [
      {
        from: 'kenji',
        afterHours: 0,
        text: `Hello,

the sign at the waterfall reads in English: "Please be slippery." I think we want to say
something else. My list of corrections follows below.

  waterfall   "Slippery when wet"
  owl tower   "Please speak softly, the owls are asleep" (not "the owls are dead")
  car park    "Way out", and there is one, on the left

Kenji`,
      },
      {
        from: 'mira',
        afterHours: 7,
        text: `I will miss the slippery one. Can we keep it in the office?`,
      },
      {
        from: 'kenji',
        afterHours: 10,
        text: `It is already above my desk.`,
      },
    ],
  },
  {
    subject: 'Seed order',
    ageDays: 60,
    folder: 'Projects/Garden',
    notes: [
      {
        from: 'hugo',
        afterHours: 0,
        text: `The list for the shared beds: beans (climbing), beetroot, kale, one row of sunflowers for morale.
Anything missing?`,
      },
      {
        from: 'mira',
        afterHours: 4,
        text: `Courgettes. But only ONE plant this time. We all remember August.`,
      },
      {
        from: 'owner',
        afterHours: 6,
        text: `One plant. I still have soup in the freezer.`,
      },
      {
        from: 'hugo',
        afterHours: 12,
        text: `Ordered. They had an offer, so it is three plants. I am sorry already.`,
      },
    ],
  },
  {
    subject: 'Pear tree, second opinion',
    ageDays: 95,
    folder: 'Projects/Garden/Trees',
    notes: [
      {
        from: 'ruth',
        afterHours: 0,
        text: `Do not cut it back before the end of February, whatever the man on the television says.`,
      },
      {
        from: 'hugo',
        afterHours: 25,
        text: `The man on the television has been overruled. A photograph of the branch in question is attached.`,
        file: 'png',
      },
    ],
  },
  {
    subject: 'Load test of the footbridge',
    ageDays: 35,
    folder: 'Projects/Footbridge',
    notes: [
      {
        from: 'tomas',
        afterHours: 0,
        text: `We need twenty people of known weight who are willing to jump. Cake afterwards.`,
      },
      {
        from: 'sam',
        afterHours: 2,
        text: `The football team is in: all twenty-two, including the coach, who asks for two pieces.`,
        isRich: true,
      },
      {
        from: 'tomas',
        afterHours: 120,
        text: `It moved by 4 mm and came back. Results attached. The coach had three pieces.`,
        file: 'pdf',
      },
    ],
  },
  {
    subject: 'Zugfahrt nach Zürich',
    ageDays: 110,
    folder: 'Reisen/Zürich',
    notes: [
      {
        from: 'lena',
        afterHours: 0,
        text: `Grüezi zusammen,

der Zug um 8:02 hat einen Speisewagen, der um 9:02 nicht. Ich stimme für Rösti im Fahren.

Grüße
Lena`,
      },
      {
        from: 'owner',
        afterHours: 3,
        text: `8:02. Ich übernehme die Platzkarten.`,
      },
      {
        from: 'lena',
        afterHours: 5,
        text: `Großartig! Das Hotel liegt am See, fünf Minuten vom Bahnhof. Bestätigung hängt an.`,
        file: 'pdf',
      },
    ],
  },
  {
    subject: '展示会の準備',
    ageDays: 52,
    folder: '受信/仕事',
    notes: [
      {
        from: 'kenji',
        afterHours: 0,
        text: `お疲れさまです。佐藤です。

来月の展示会ですが、橋の模型は電車で運べますか。長さは九十センチです。
雨の日のために大きい袋を二枚用意しました。

よろしくお願いします。
佐藤`,
      },
      {
        from: 'wei',
        afterHours: 3,
        text: `電車で大丈夫です。朝早い電車なら座れます。模型も座れます。`,
      },
      {
        from: 'kenji',
        afterHours: 2,
        text: `では、模型の切符も買いますね。`,
      },
    ],
  },
  {
    subject: 'Old website, last backup',
    ageDays: 330,
    folder: 'Archive',
    notes: [
      {
        from: 'wei',
        afterHours: 0,
        text: `The old website is switched off. I kept a copy, and the guest book from 2004 with the poem
about the roundabout. Let me know if anybody wants it printed.`,
      },
      {
        from: 'padraig',
        afterHours: 40,
        text: `I wrote that poem. Please print it very small.`,
      },
    ],
  },
];
