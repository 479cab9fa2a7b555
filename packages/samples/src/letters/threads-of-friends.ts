/** Conversations with friends and family. All of it is made up. */
import type { Thread } from './thread.ts';

/** Oldest last. */
export const threadsOfFriends: readonly Thread[] = [
  {
    subject: 'Lighthouse weekend',
    ageDays: 3,
    folder: 'INBOX',
    notes: [
      {
        from: 'padraig',
        afterHours: 0,
        text: `Good news: the keeper's cottage is ours from Friday to Sunday. Six beds, one very
loud kettle, and a telescope that "mostly points up", as the landlady put it.

The ferry goes at 17:40. If you miss it, the next one is on Saturday at 9 and you
will have missed my chowder, which would be a pity.

Who brings what?
Pádraig`,
      },
      {
        from: 'mira',
        afterHours: 2,
        text: `I bring bread, two kinds of cheese and the card game nobody understands.
Hugo, are you still afraid of gulls?`,
      },
      {
        from: 'hugo',
        afterHours: 3,
        text: `I am not afraid of gulls. I respect them from a distance.

Coffee, the good grinder, rain jackets in three sizes. And I can drive four people
to the harbour if somebody sits in the middle.`,
        isRich: true,
      },
      {
        from: 'owner',
        afterHours: 5,
        text: `The middle seat is mine, I have the shortest legs.
I'll bring breakfast for Sunday and the star chart.`,
      },
      {
        from: 'padraig',
        afterHours: 11,
        text: `Perfect. Then we lack only someone who can light a stove. I have attached the
landlady's instructions, they are longer than you think.`,
        file: 'pdf',
      },
      {
        from: 'mira',
        afterHours: 20,
        text: `Read them. Step 9 is "do not argue with the stove". We'll be fine.

The forecast says wind from the west and clear nights. Pack the woollen hats!`,
      },
    ],
  },
  {
    subject: "Ruth's ninetieth",
    ageDays: 41,
    folder: 'INBOX',
    notes: [
      {
        from: 'lena',
        afterHours: 0,
        text: `Hello everyone,

Grandma turns ninety in seven weeks, and she has forbidden a party. She did not forbid
forty people walking into her garden by coincidence, each with a cake.

I have started a list of cakes. Please tell me yours, so that we do not end up with
nineteen times apple again.

Lena`,
      },
      {
        from: 'sam',
        afterHours: 6,
        text: `Lemon drizzle from us. The children want to build a marble run from the gate to the
pond, is that all right with the roses?`,
      },
      {
        from: 'owner',
        afterHours: 9,
        text: `Hazelnut. And I can print the photo book if you all send your pictures by the 20th.`,
      },
      {
        from: 'rosa',
        afterHours: 15,
        text: `Tres leches, obviously. We fly in on the Thursday.

Picture attached: Ruth on the motorbike in 1958. She says it was parked. The dust in the
background says otherwise.`,
        file: 'png',
      },
      {
        from: 'lena',
        afterHours: 26,
        text: `That one goes on the cover!

So far: lemon, hazelnut, tres leches, poppy seed, two apples (fine), and one "surprise"
from Tomáš that he wants a fire extinguisher for. Sam, mind the roses.`,
        isRich: true,
      },
    ],
  },
  {
    subject: 'Re: Your recipe',
    ageDays: 120,
    folder: 'INBOX',
    notes: [
      {
        from: 'ruth',
        afterHours: 0,
        text: `My dear,

You asked how I make the plum dumplings. I do not measure, so this is a guess:

   a bowl of cooked potatoes, the floury kind
   flour until it feels right
   one egg, two if it is a small one
   plums, and a lump of sugar where the stone was

Boil them until they swim. Fry breadcrumbs in too much butter. If it looks like enough
butter it is not.

Come soon, the tree is full.
Ruth`,
      },
      {
        from: 'owner',
        afterHours: 30,
        text: `They swam! Three of them opened, we ate the evidence. Thank you, I'll come on Saturday.`,
      },
      {
        from: 'ruth',
        afterHours: 18,
        text: `Opened ones are the cook's, that is the law.
Bring the big basket on Saturday.`,
      },
    ],
  },
  {
    subject: 'Choir: who has the alto folder?',
    ageDays: 200,
    folder: 'INBOX',
    notes: [
      {
        from: 'noa',
        afterHours: 0,
        text: `Dear singers,

the green folder with the alto parts was last seen on the piano. It is not there any more.
Neither is the plant, but that one I took home to water.

Noa`,
      },
      {
        from: 'eleni',
        afterHours: 1,
        text: `I have a green folder, but it contains my tax papers. I did wonder why nobody laughed
when I handed out page four.`,
      },
      {
        from: 'noa',
        afterHours: 2,
        text: `So THAT is what we sang from on Tuesday.`,
        isRich: true,
      },
      {
        from: 'owner',
        afterHours: 3,
        text: `The altos sounded unusually precise on Tuesday. Found: the folder is in the cupboard with
the coffee cups.`,
      },
    ],
  },
  {
    subject: 'Moving the piano 🎹',
    ageDays: 285,
    folder: 'Archive',
    notes: [
      {
        from: 'sam',
        afterHours: 0,
        text: `Can anyone lend me four strong people on Saturday the 14th, or two strong people and
somebody who understands levers? The stairs turn twice. 🙏`,
      },
      {
        from: 'hugo',
        afterHours: 4,
        text: `I understand levers. I have also moved this very piano before and swore an oath, but
I'll break it for pancakes. 🥞`,
      },
      {
        from: 'tomas',
        afterHours: 7,
        text: `I have straps and a plan (it involves the window and a farmer).`,
        file: 'pdf',
      },
      {
        from: 'sam',
        afterHours: 9,
        text: `No farmer! But the straps are very welcome. Pancakes for everyone at ten. ❤️`,
      },
    ],
  },
];
